"""The search from its beginning, or from where it was interrupted: the ledger answers what is already known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from autoreward.errors import (
    AutorewardError,
    BudgetReachedError,
    InterruptedRunError,
    NoValidCandidateError,
    StorageError,
    TargetNotMetError,
    WaitingForPersonError,
)
from autoreward.number_format import number
from autoreward.records import FinalReport, MetricRevision
from autoreward.search.best_reward import keep_best
from autoreward.search.events import STOPPED, Stopped
from autoreward.search.final_evaluation import measure_winner
from autoreward.search.generation import run_generation
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.metric_choice import find_metric
from autoreward.search.metric_revision import ask_meaning, begin_revision, finish_revision
from autoreward.search.progress import announce_start, warn_of_environment
from autoreward.search.properties import find_properties
from autoreward.search.race import confirm_winner
from autoreward.search.session import Session
from autoreward.search.signals import signals_as_errors
from autoreward.search.witness import ask_witness, tell_when_asked
from autoreward.views.next_commands import go_on_command, run_name


def search(session: Session) -> FinalReport:
    """Run every generation, then measure the winner; what was done before is not done again.

    Raises:
        BudgetReachedError: a budget ended it; the best so far is saved.
        InterruptedRunError: a person or the scheduler ended it; everything paid for is saved.
        NoValidCandidateError: nothing could be trained.
        WaitingForPersonError: a person has to answer the designer's questions; what to do stands in it.
        TargetNotMetError: the winner is below the target on fresh seeds.
    """
    announce_start(session)
    warn_of_environment(session)
    with _sitting(session, "done"):
        return _search(session)


def revise_metric(session: Session, revision: MetricRevision) -> None:
    """Revise the metric of a run and measure by it all that was trained; the search goes on when it is resumed.

    Raises:
        UsageError: the run has no metric, or no draft can be used; it stays as it is.
        BudgetReachedError, InterruptedRunError, StorageError, ModelError: `resume` goes on with it.
    """
    with _sitting(session, "revised"):
        begin_revision(session, revision)
        finish_revision(session)


@contextmanager
def _sitting(session: Session, status: str) -> Iterator[None]:
    """Store how it ends: as `status` says, or with an error."""
    try:
        with signals_as_errors():
            yield
    except StorageError:
        raise  # nothing more can be written
    except AutorewardError as error:
        if isinstance(error, BudgetReachedError):
            _tell_how_to_go_on(session, error)
        _note_end(session, _STATUS.get(type(error), "error"), error.message, getattr(error, "larger", ""))
        raise
    _note_end(session, status)


def _tell_how_to_go_on(session: Session, error: BudgetReachedError) -> None:
    """The remedy of an error about a budget, as it stands for this run."""
    command = go_on_command(session.run.path, "budget", error.larger)
    name = run_name(session.run.path)
    shorter = f", or with shorter replies: autoreward resume {name} --set {error.shorter}" if error.shorter else ""
    error.remedy = f"The best so far is saved. Go on with more: {command}{shorter}"


_STATUS: dict[type[AutorewardError], str] = {
    BudgetReachedError: "budget",
    InterruptedRunError: "interrupted",
    NoValidCandidateError: "no_valid_candidate",
    TargetNotMetError: "target_not_met",
    WaitingForPersonError: "waiting",
}


def _note_end(session: Session, status: str, message: str = "", larger: str = "") -> None:
    seconds = time.monotonic() - session.started
    end = {"status": status, "seconds": seconds, "message": message, "larger": larger}
    stopped = Stopped.model_validate(end)
    session.run.append(STOPPED, "", stopped)


def _search(session: Session) -> FinalReport:
    session.worker.start()
    find_metric(session)
    finish_revision(session)  # one that a sitting before has begun
    find_properties(session)
    tell_when_asked(session)
    for index in range(session.generations):
        run_generation(session, index)
        _draw_best_of(session, index)
        winner = read_leaderboard(session.run).best
        if winner is not None:
            keep_best(session, winner)
        ask_witness(session)
        if index == 0:
            ask_meaning(session, index)
    if session.settings.design.race:
        confirm_winner(session, session.generations - 1)
    winner = read_leaderboard(session.run).best
    assert winner is not None  # run_generation would have raised
    report = measure_winner(session, winner, session.generations - 1)
    session.drop_checkpoints()
    keep_best(session, winner, report)
    session.clips.show(winner.id)
    if session.clips.busy:
        session.report_progress(stage="drawing")
        session.clips.finish()
    _check_target(session, report)
    return report


def _draw_best_of(session: Session, index: int) -> None:
    """A clip of the best candidate of one generation, some time soon."""
    best = read_leaderboard(session.run).of_generation(index).best
    if best is not None:
        session.clips.show(best.id)


def _check_target(session: Session, report: FinalReport) -> None:
    target, fresh = session.settings.design.target, report.fresh
    name = run_name(session.run.path)
    if target is not None and (fresh is None or fresh.mean < target):
        reached = "not measured" if fresh is None else number(fresh.mean)
        raise TargetNotMetError(
            f"The winner {report.candidate} reaches {reached} on fresh seeds; the target is {target:g}.",
            f'More generations: autoreward refine {name} "what to try"; or a longer training: -n.',
        )
