"""Both values side by side, and where they disagree."""

from __future__ import annotations

from pathlib import Path

from autoreward.people.preferences import preferences
from autoreward.runs.choice import compare_choices
from autoreward.search.leaderboard import read_leaderboard
from tests.search.test_people_choice import best_after, run_of


def test_people_choose_whatever_the_metric_says(tmp_path: Path) -> None:
    with run_of(tmp_path, "people", [1.0, 0.1]) as run:
        assert best_after(run, "g00c01 > g00c00: smoother") == "g00c01"
        choice = compare_choices(run, read_leaderboard(run), preferences(run))
    assert choice is not None and (choice.people, choice.metric, choice.agree) == ("g00c01", "g00c00", False)


def test_where_nobody_compared_there_is_no_choice(tmp_path: Path) -> None:
    with run_of(tmp_path, "metric", [1.0, 0.1]) as run:
        assert compare_choices(run, read_leaderboard(run), []) is None
