"""`autoreward resume`: go on where a run stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output
from autoreward.cli.search import run_search

if TYPE_CHECKING:
    from autoreward.cli.progress import Progress
    from autoreward.views import RunReport


def resume(context: typer.Context, run: RunArgument = "last") -> None:
    """Go on where a run stopped: only the missing work is done, no stored reply is asked for again."""
    from autoreward import api

    options: Globals = context.obj
    settings = options.settings()
    asks = options.interactive and not options.yes

    def search(progress: Progress) -> RunReport:
        confirm = progress.confirm_metric if asks else None
        return api.resume(run, settings=settings, on_event=progress, confirm_metric=confirm)

    run_search(Output(options), settings, search)
