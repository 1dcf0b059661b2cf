"""Where people choose: who is asked about, who comes first, and what a run waits for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from autoreward.config import DesignSettings, Settings
from autoreward.ledger import Run
from autoreward.people.pairs import ROUND, uncompared
from autoreward.people.preferences import read_statement
from autoreward.records import Preference
from autoreward.runs.preferences import pair_to_show, say_preference
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.people_choice import choosable
from tests.people.test_pairs import FOUR, said
from tests.search.stored_run import add_candidate, add_training, member, new_run


def run_of(folder: Path, select: str, successes: Sequence[float | None]) -> Run:
    """A run whose candidates came to these successes."""
    run = new_run(folder, Settings(design=DesignSettings.model_validate({"select": select})))
    names = FOUR[: len(successes)]
    for name in names:
        add_candidate(run, name)
    add_training(run, "g00", [member(name, 0, success) for name, success in zip(names, successes, strict=True)])
    return run


def best_after(run: Run, *statements: str) -> str:
    for statement in statements:
        say_preference(run.path, read_statement(statement), "anna")
    best = read_leaderboard(run).best
    assert best is not None
    return best.id


def test_people_choose_without_a_metric(tmp_path: Path) -> None:
    with run_of(tmp_path, "people", [None, None, None]) as run:
        assert best_after(run) == "g00c00", "a tie goes to the earlier one"
        assert best_after(run, "g00c02 > g00c00", "g00c02 > g00c01") == "g00c02"
        assert read_leaderboard(run).leaders[0].id == "g00c02"


def test_preferences_alone_change_no_search_by_the_metric(tmp_path: Path) -> None:
    with run_of(tmp_path, "metric", [1.0, 0.1]) as run:
        assert best_after(run, "g00c01 > g00c00") == "g00c00"


@pytest.mark.parametrize(
    ("successes", "asked"),
    [
        ([1.0, 0.91, 0.89, 0.1], ["g00c00", "g00c01"]),
        ([-1.0, -1.09, -1.2, None], ["g00c00", "g00c01"]),
        ([0.0, 0.0, -1.0, 0.0], ["g00c00", "g00c01", "g00c03"]),
    ],
)
def test_the_metric_gates_whom_people_are_asked_about(
    tmp_path: Path, successes: list[float | None], asked: list[str]
) -> None:
    with run_of(tmp_path, "both", successes) as run:
        assert [entry.id for entry in choosable(read_leaderboard(run))] == asked
        assert set(pair_to_show(run.path, "anna", draw=False).shown) <= set(asked)
        for name in FOUR:
            if name not in asked and successes[FOUR.index(name)] is not None:
                assert best_after(run, f"{name} > g00c00", f"{name} > g00c01") in asked
        ranked = [entry.id for entry in read_leaderboard(run).ranked]
    assert set(ranked[: len(asked)]) == set(asked)


def test_a_generation_waits_until_each_of_it_was_compared() -> None:
    told: list[Preference] = []
    assert uncompared(FOUR, FOUR[2:], told) == FOUR[2:]
    told.append(said("g00c02", "g00c00"))
    assert uncompared(FOUR, FOUR[2:], told) == ["g00c03"]
    told.append(said("g00c03", "g00c02", rater="ben"))
    assert uncompared(FOUR, FOUR[2:], told) == []
    assert uncompared(FOUR[:1], FOUR[:1], []) == [], "one alone is not compared"


def test_ten_answers_are_enough() -> None:
    many = [f"g00c{number:02d}" for number in range(20)]
    told = [said(many[0], name) for name in many[1 : ROUND + 1]]
    assert uncompared(many, many, told) == []
