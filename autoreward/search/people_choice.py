"""Where people choose: a generation is complete when they have compared its candidates."""

from __future__ import annotations

from autoreward.errors import WaitingForPersonError
from autoreward.people.ends import METRIC, metric_answers
from autoreward.people.pairs import uncompared
from autoreward.people.preferences import keep, make_preference, preferences
from autoreward.records import Generation, TermSums
from autoreward.search.entry import Entry
from autoreward.search.events import GENERATION, TERM_SUMS
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.search.selection import GATE, PeopleSelection
from autoreward.search.session import Session
from autoreward.search.term_sums import term_sums
from autoreward.views.next_commands import run_name


def wait_for_people(session: Session, index: int) -> None:
    """Go on when people have compared the candidates of a generation; their clips are drawn for them.

    Raises:
        WaitingForPersonError: they have not; what to do stands in it.
    """
    if session.settings.design.select == "metric":
        return
    if session.settings.design.synthetic_preferences:
        _answer_by_metric(session, index)
    asked = choosable(read_leaderboard(session.run).before(index + 1))
    names = [entry.id for entry in asked]
    fresh = [entry.id for entry in asked if entry.candidate.generation == index]
    missing = uncompared(names, fresh, preferences(session.run))
    if not missing:
        if session.settings.design.select == "both" and fresh == names and len(names) == 1:
            session.report_once(f"Nobody is asked: {names[0]} alone comes within {GATE:g} of the best success.")
        return
    _measure_terms(session, index)
    for name in fresh:
        session.clips.show(name)
    if session.clips.busy:
        session.report_progress(stage="drawing", generation=index)
        session.clips.finish()
    name = run_name(session.run.path)
    raise WaitingForPersonError(
        f"People choose the best of generation {index}: nobody has compared {', '.join(missing)} yet.",
        f"autoreward prefer {name}, or autoreward ui {name}; then: autoreward resume {name}",
    )


def _measure_terms(session: Session, index: int) -> None:
    """What the terms of the best program come to in each clip: by these the next pairs are chosen."""
    board, key = read_leaderboard(session.run).before(index + 1), f"g{index:02d}"
    if board.best is None or session.run.get(TERM_SUMS, key, TermSums) is not None:
        return
    names = [entry.id for entry in choosable(board) if entry.recorded]
    measured = term_sums(session.run, board.best, names, session.sandbox)
    if measured is not None:
        session.run.once(TERM_SUMS, key, TermSums, lambda: measured)


def _answer_by_metric(session: Session, index: int) -> None:
    """Have the metric say which is best and worst of a generation, and whether it beats the one that was liked best.

    Each pair has one answer, so what a kill left out is answered when the run goes on, and nothing twice.
    """
    board, run = read_leaderboard(session.run), session.run
    if run.get(GENERATION, f"g{index:02d}", Generation) is not None:
        return
    fresh = [entry.id for entry in choosable(board.before(index + 1)) if entry.candidate.generation == index]
    values = {one.id: (one.fitness.mean, one.progress.mean) for one in board.entries if one.fitness and one.progress}
    before = board.before(index).best
    for one, other, verdict in metric_answers(fresh, before.id if before else None, values):
        question = f"{METRIC}/{min(one, other)}-{max(one, other)}/0"
        keep(run, make_preference(question, METRIC, (one, other), verdict).model_copy(update={"by": "metric"}))


def choosable(board: Leaderboard) -> list[Entry]:
    """The candidates that people are asked about, in order of id."""
    by_people = board.selection if isinstance(board.selection, PeopleSelection) else PeopleSelection(())
    return by_people.choosable(board.entries)
