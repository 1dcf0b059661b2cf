"""What the commands of `bench` have in common: how a measurement is shown, and with which exit code it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from autoreward.cli.options import Globals
from autoreward.cli.output import Output
from autoreward.cli.progress import Progress

if TYPE_CHECKING:
    from autoreward.config import Settings
    from autoreward.views import AlignedView, LearnView, RequireView, TrainBenchView

Measured = TypeVar("Measured", "AlignedView", "LearnView", "RequireView", "TrainBenchView")


def output_and_settings(context: typer.Context) -> tuple[Output, Settings]:
    """Where a measurement is shown, and its settings."""
    options: Globals = context.obj
    return Output(options), options.settings()


def measure_each(
    output: Output,
    environments: Sequence[str],
    measure: Callable[[str, Progress], Measured],
    table: Callable[[Measured], Sequence[Any]],
) -> None:
    """Measure one environment after the other, show each as it is done, and end as all of them together did."""
    passed = True
    for name in environments:
        with Progress(output) as progress:
            view = measure(name, progress)
        passed &= view.passed
        if output.json:
            output.line(view)
        else:
            output.show(*table(view))
    end(passed)


def end(passed: bool) -> None:
    """Exit code 4 where a target was not reached."""
    from autoreward.errors import TargetNotMetError

    if not passed:
        raise typer.Exit(TargetNotMetError.exit_code)
