"""`autoreward reply`: the answer of a person or a coding agent to the `manual` designer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output
from autoreward.errors import UsageError


def reply(
    context: typer.Context,
    run: RunArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The reply as it came; - reads it from stdin.")],
) -> None:
    """Answer a run that waits (`design --model manual`); `autoreward resume RUN` then goes on."""
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    view = api.reply(run, _read(file), settings=options.settings())
    if output.json:
        output.line(view)
    else:
        short = view.run.rpartition("_")[2]
        output.show(f"{len(view.candidates)} programs kept in {view.file}", f"next  autoreward resume {short}")


def _read(file: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}.", "Give the file that holds the reply.") from error
    return content.decode("utf-8", errors="replace")
