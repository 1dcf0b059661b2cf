"""`autoreward export`: the reward as files that work without autoreward."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import CandidateArgument, Globals
from autoreward.cli.output import Output


def export(
    context: typer.Context,
    run: CandidateArgument,
    directory: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where to write; made if need be.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where another candidate's export stands, or a changed one.")
    ] = False,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="TOOL", help="Also as terms for mjlab, isaaclab or playground. Repeatable."),
    ] = None,
) -> None:
    """Write the best reward (or a candidate) as files that work without autoreward.

    reward.py, an environment that pays it, the policy it trained, and PROVENANCE.json."""
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    view = api.export(run, directory, replace=replace, to=to or (), settings=options.settings())
    for note in view.notes:
        output.note(note)
    if output.json:
        output.line(view)
    else:
        output.show(*view.files)
