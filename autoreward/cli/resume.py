"""`autoreward resume`: go on where a run stopped."""

from __future__ import annotations

import typer

from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output
from autoreward.cli.search import run_search


def resume(context: typer.Context, run: RunArgument = "last") -> None:
    """Go on where a run stopped: only the missing work is done, no stored reply is asked for again."""
    from autoreward import api

    options: Globals = context.obj
    settings = options.settings()
    run_search(Output(options), settings, lambda on_event: api.resume(run, settings=settings, on_event=on_event))
