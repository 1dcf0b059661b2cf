"""`autoreward init`: a commented task file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import TaskOption
from autoreward.cli.output import Output


def init(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = Path("task.yaml"),
    env: Annotated[
        str, typer.Option("--env", metavar="ENV", help="Environment, ENV/TASK, or the path of a pack.")
    ] = "half_cheetah",
    task: TaskOption = None,
) -> None:
    """Write a commented task file; `autoreward design FILE` does what stands in it."""
    from autoreward import api
    from autoreward.views import InitView

    output = Output(context.obj)
    written = api.init(file, env, task)
    if output.json:
        output.line(InitView(file=str(written)))
    else:
        named = shlex.quote(f"./{written}" if str(written).startswith("-") else str(written))
        output.show(f"{written} written. Look through it, then:", f"  autoreward design {named}")
