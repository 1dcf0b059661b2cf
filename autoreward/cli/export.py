"""`autoreward export`: the reward as a file that works without autoreward."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import Globals
from autoreward.cli.output import Output


def export(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN[:CANDIDATE]", help="A path, the end of a run's id, or `last`.")],
    directory: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where to write.")],
) -> None:
    """Write the best reward (or a candidate) as a numpy-only file with its provenance."""
    from autoreward import api
    from autoreward.views import ExportView

    options: Globals = context.obj
    output = Output(options)
    files = [str(path) for path in api.export(run, directory, settings=options.settings())]
    if output.json:
        output.line(ExportView(files=tuple(files)))
    else:
        output.show(*files)
