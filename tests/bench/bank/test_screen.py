"""Leaving out rewards by what they prefer: who passes, what they are asked, and what it comes to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoreward.bench.bank import screen
from autoreward.bench.bank.choices import Rule
from autoreward.bench.bank.screen import Screen, agreements, judge_screen, places
from autoreward.cli import bench_tables
from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from tests.cli.test_bench import REWARDS, make_bank

TWO = Rule("two", 2, 1)
SOURCE = """WEIGHTS = {"x": WEIGHT}


def reward_terms(state, action, next_state, params):
    return {"x": jnp.cos(next_state.pole_angle)}
"""


def test_who_passes() -> None:
    agreement, apart = np.asarray([0.1, 0.9, -0.5, 0.4, 0.8]), np.ones((5, 5))
    assert Screen("none left out", TWO, 2).passing(agreement, apart).tolist() == [0, 1]
    assert Screen("best of four", TWO, 4).passing(agreement, apart).tolist() == [1, 3]  # in the order of their proposal
    assert Screen("least", TWO, None, 0.3).passing(agreement, apart).tolist() == [1, 3]
    assert Screen("least", TWO, None, 0.85).passing(agreement, apart).tolist() == [1]


def test_of_near_duplicates_the_first_is_trained() -> None:
    places = np.asarray([0.0, 0.04, 0.1, 0.12, 0.3])  # of rewards on a line
    distances = np.abs(places[:, None] - places)
    distances[4], distances[:, 4] = np.nan, np.nan  # of which nothing is known: it is trained
    three = Rule("three", 3, 1)
    assert Screen("apart", three, None, apart=0.05).passing(np.zeros(5), distances).tolist() == [0, 2, 4]
    assert not Screen("apart", three, None, apart=0.05).can_draw(np.zeros(4), distances[:4, :4])


@pytest.mark.thorough
def test_the_distances_of_a_bank(tmp_path: Path) -> None:
    environment = open_environment("inverted_pendulum", "balance")
    sources = {name: SOURCE.replace("WEIGHT}", f"{weight}}}") for name, weight in (("one", 1.0), ("two", 2.0))}
    sources["other"] = SOURCE.replace("WEIGHT}", "-1.0}")
    names = ["other", "two", "refused", "one"]
    found = screen.distances_between(environment, names, {**sources, "refused": "import os"}, Settings())
    assert found[1, 3] < 1e-6 and found[0, 1] > 0.9 and np.isnan(found[2]).all()


def test_returns_within_rounding_share_a_place() -> None:
    assert places(np.asarray([5.0, 1.0, 5.0 + 1e-9, 3.0])).tolist() == [2, 0, 2, 1]
    assert places(np.zeros(3)).tolist() == [0, 0, 0]


@pytest.mark.thorough
def test_a_reward_that_pays_success_agrees_with_it_and_its_opposite_does_not() -> None:
    environment = open_environment("inverted_pendulum", "balance")
    sources = {
        "upright": SOURCE.replace("WEIGHT}", "1.0}"),
        "falling": SOURCE.replace("WEIGHT}", "-1.0}"),
        "refused": "import os",
    }
    found = agreements(environment, "balance", sources, Settings())
    assert found.keys() == {"upright", "falling"}
    assert found["upright"] > 0.9 and found["falling"] < -0.9


def test_a_bank_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reward i comes to i, but the last fails on one seed of four; agreement is the same order, then turned round."""
    make_bank(tmp_path / "bank")
    screens = (Screen("none", Rule("4 x 1", 4, 1), 4), Screen("best 4 of 8", Rule("4 x 1", 4, 1), 8))
    for sign in (1.0, -1.0):
        monkeypatch.setattr(
            screen, "agreements", lambda *given, sign=sign: {f"r{index:02d}": sign * index for index in range(REWARDS)}
        )
        monkeypatch.setattr(screen, "distances_between", lambda *given: np.ones((REWARDS, REWARDS)))
        view = judge_screen(tmp_path / "bank", 200, Settings(), screens)
        difference = view.rows[1].difference
        assert difference is not None and sign * difference.mean > 0.0
        assert sign * view.correlation > 0.9 and len(view.groups) == 4
    assert [row.asked for row in view.rows] == [4.0, 8.0]
    (near,) = view.near
    assert (near.low, near.pairs) == (0.4, REWARDS * (REWARDS - 1) // 2)
    assert len(bench_tables.screen(view)) == 5


def test_of_a_small_bank_only_the_correlation_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_bank(tmp_path / "bank")
    monkeypatch.setattr(screen, "LEAST_SEEDS", 5)  # it has four of each
    known = {f"r{index:02d}": -0.5 if index > 3 else 0.5 for index in range(REWARDS)}
    monkeypatch.setattr(screen, "agreements", lambda *given: known)
    monkeypatch.setattr(screen, "distances_between", lambda *given: np.full((REWARDS, REWARDS), np.nan))
    view = judge_screen(tmp_path / "bank", 200, Settings())
    assert view.rows == () and view.correlation < 0.0


def test_a_bank_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no reward bank"):
        judge_screen(tmp_path, 200, Settings())
