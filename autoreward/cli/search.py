"""What `design`, `resume` and `refine` have in common: progress while it runs, the outcome at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from autoreward.cli.output import Output
from autoreward.cli.progress import Progress
from autoreward.errors import AutorewardError, BudgetReachedError, InterruptedRunError, ModelError, TargetNotMetError

if TYPE_CHECKING:
    from autoreward.cli.options import Globals
    from autoreward.config import Settings
    from autoreward.people.reviewer import MetricReviewer
    from autoreward.views import FinishedEvent, RunReport

# After these there is a run with a result so far.
_ENDED_EARLY = (TargetNotMetError, BudgetReachedError, InterruptedRunError, ModelError)


def run_search(output: Output, settings: Settings, search: Callable[[Progress], RunReport]) -> RunReport:
    """Runs a search, shows where it stands, and shows its outcome, however it ended.

    Args:
        output: where to.
        settings: those of the search; they say where its run is.
        search: the call; it is given the receiver of the events, which also asks a person.

    Raises:
        AutorewardError: what the search raised.
    """
    progress = Progress(output)
    try:
        with progress:
            run = search(progress)
    except _ENDED_EARLY as error:
        _show_so_far(output, settings, progress.folder, error)
        raise
    if output.json and not progress.finished:  # there was nothing left to do, so there were no events
        output.line(finished(run))
    _show_outcome(output, run)
    return run


def reviewer_of(options: Globals, progress: Progress) -> MetricReviewer | None:
    """The person at the terminal; None where nobody is to be asked."""
    from autoreward.cli.metric import TerminalReviewer

    return TerminalReviewer(progress.pausing) if options.interactive and not options.yes else None


def finished(run: RunReport) -> FinishedEvent:
    """The last line of a search whose outcome this is."""
    from autoreward.views import FinishedEvent

    return FinishedEvent(run=run.run, status=run.status, best=run.best, baselines=run.baselines, spent=run.spent)


def _show_outcome(output: Output, run: RunReport) -> None:
    if output.json:  # the `finished` event has said it all
        return
    from autoreward.cli.tables import outcome

    output.show(*outcome(run))


def _show_so_far(output: Output, settings: Settings, folder: str | None, error: AutorewardError) -> None:
    if folder is None:
        return
    from autoreward import api
    from autoreward.views.next_commands import run_name

    _show_outcome(output, api.show(folder, settings=settings))
    if isinstance(error, InterruptedRunError) and not error.remedy:
        error.remedy = f"Go on with: autoreward resume {run_name(folder)}"
