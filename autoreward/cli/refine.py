"""`autoreward refine`: say what should be different, and run another generation."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output
from autoreward.cli.search import run_search
from autoreward.errors import UsageError

if TYPE_CHECKING:
    from autoreward.config import Settings


def refine(
    context: typer.Context,
    run: RunArgument,
    note: Annotated[
        str | None, typer.Argument(metavar="NOTE", help='What should be different: "the left foot drags".')
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="CANDIDATE", help="What the new generation starts from: g01c02."),
    ] = None,
) -> None:
    """Put a note into the next prompt and run another generation; asks for notes where none is given."""
    options: Globals = context.obj
    output, settings = Output(options), options.settings()
    if note is not None or start is not None:
        _one_generation(output, settings, run, note or "", start)
        return
    if not options.interactive:
        raise UsageError(
            "There is no note.", f'Give it: autoreward refine {shlex.quote(run)} "what should be different"'
        )
    while note := typer.prompt("What should be different? (empty: enough)", default="", show_default=False, err=True):
        _one_generation(output, settings, run, note)


def _one_generation(output: Output, settings: Settings, run: str, note: str, start: str | None = None) -> None:
    from autoreward import api

    run_search(
        output, settings, lambda on_event: api.refine(run, note, start=start, settings=settings, on_event=on_event)
    )
