"""Where people choose: a generation is complete when they have compared its candidates."""

from __future__ import annotations

from autoreward.errors import WaitingForPersonError
from autoreward.people.pairs import uncompared
from autoreward.people.preferences import preferences
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.search.selection import PeopleSelection
from autoreward.search.session import Session
from autoreward.views.next_commands import run_name


def wait_for_people(session: Session, index: int) -> None:
    """Go on when people have compared the candidates of a generation; their clips are drawn for them.

    Raises:
        WaitingForPersonError: they have not; what to do stands in it.
    """
    if session.settings.design.select == "metric":
        return
    asked = choosable(read_leaderboard(session.run).before(index + 1))
    names = [entry.id for entry in asked]
    fresh = [entry.id for entry in asked if entry.candidate.generation == index]
    missing = uncompared(names, fresh, preferences(session.run))
    if not missing:
        return
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


def choosable(board: Leaderboard) -> list[Entry]:
    """The candidates that people are asked about, in order of id."""
    by_people = board.selection if isinstance(board.selection, PeopleSelection) else PeopleSelection(())
    return by_people.choosable(board.entries)
