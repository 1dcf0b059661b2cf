"""`autoreward resume`: go on where a run stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output
from autoreward.cli.search import reviewer_of, run_search

if TYPE_CHECKING:
    from autoreward.cli.progress import Progress
    from autoreward.views import RunReport


def resume(context: typer.Context, run: RunArgument = "last") -> None:
    """Go on where a run stopped: only the missing work is done, no stored reply is asked for again."""
    from autoreward import api

    options: Globals = context.obj
    settings = options.settings()

    def search(progress: Progress) -> RunReport:
        reviewer = reviewer_of(options, progress)
        return api.resume(run, settings=settings, on_event=progress, reviewer=reviewer)

    run_search(Output(options), settings, search)
