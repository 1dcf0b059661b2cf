"""`autoreward reply`: the answer of a person or a coding agent to the `manual` designer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output
from autoreward.errors import UsageError
from autoreward.input_files import TEXT_LIMIT, read_input


def reply(
    context: typer.Context,
    run: RunArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The reply as it came; - reads it from stdin.")],
) -> None:
    """Answer a run that waits (`design --model manual`); `autoreward resume RUN` then goes on."""
    from autoreward import api
    from autoreward.views.next_commands import run_name

    options: Globals = context.obj
    output = Output(options)
    settings = options.settings()
    view = api.reply(run, _read(file), settings=settings)
    if output.json:
        output.line(view)
    else:
        name = run_name(Path(settings.runs) / view.run)
        output.show(f"{len(view.candidates)} programs kept in {view.file}", f"next  autoreward resume {name}")


def _read(file: Path) -> str:
    if str(file) != "-":
        content = read_input(file)
    elif len(content := sys.stdin.buffer.read(TEXT_LIMIT + 1)) > TEXT_LIMIT:
        raise UsageError(f"stdin: has more than {TEXT_LIMIT:,} bytes.", "Give the reply alone.")
    return content.decode("utf-8", errors="replace")
