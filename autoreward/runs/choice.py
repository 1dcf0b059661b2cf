"""Whom people choose, beside whom the metric chooses."""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.ledger import Run
from autoreward.people.pairs import strengths
from autoreward.records import Preference
from autoreward.search.leaderboard import Leaderboard
from autoreward.search.selection import MetricSelection, PeopleSelection
from autoreward.views import ChoiceView


def strengths_of_compared(leaderboard: Leaderboard, told: Sequence[Preference]) -> dict[str, float]:
    """How much people prefer each candidate that somebody compared."""
    compared = {name for one in told for name in (one.a, one.b)}
    strong = strengths([entry.id for entry in leaderboard.entries], told)
    return {name: value for name, value in strong.items() if name in compared}


def compare_choices(run: Run, leaderboard: Leaderboard, told: Sequence[Preference]) -> ChoiceView | None:
    """The two choices, whoever of them decides in this run; None where nobody compared candidates."""
    people = next(iter(PeopleSelection(told).rank(leaderboard.entries)), None)
    if people is None or people.id not in strengths_of_compared(leaderboard, told):
        return None
    measured = next(iter(MetricSelection().rank(leaderboard.entries)), None)
    return ChoiceView(
        select=run.settings.design.select,
        people=people.id,
        metric=measured.id if measured else None,
        agree=None if measured is None else measured.id == people.id,
    )
