"""`autoreward report`: what came of a run as a page on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output


def report(
    context: typer.Context,
    run: RunArgument = "last",
    directory: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where the page and its clips are written.")
    ] = None,
    single: Annotated[
        Path | None, typer.Option("--single", metavar="FILE.html", help="One file with everything, its clips too.")
    ] = None,
) -> None:
    """Write a run as a page that opens from a disk, without a server and without a network."""
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    view = api.report(run, directory, single=single, settings=options.settings())
    if output.json:
        output.line(view)
    else:
        output.show(view.file)
