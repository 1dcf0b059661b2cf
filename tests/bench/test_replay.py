"""Search policies on constructed banks: who is stopped, who is chosen, and what it costs, computed by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoreward.bench.bank.replay import FULL, HALVINGS, Bank, Draw, SearchPolicy, choose, compared, judged, replay
from autoreward.errors import UsageError
from autoreward.records import Rung

THIRD = SearchPolicy("third", rungs=(Rung(at=1 / 3, keep=0.5),))
TRUTH = np.arange(1.0, 9.0)  # success of eight rewards, the last one is the best


def bank(at_rung: np.ndarray, final: np.ndarray) -> Bank:
    """Three seeds alike; curves of three points, of which the first is what a rung at 1/3 sees."""
    curves = np.stack([at_rung, np.full(len(final), np.nan), final], axis=-1)
    both = np.stack([curves, np.zeros_like(curves)])[:, :, None, :].repeat(3, axis=2)
    return Bank(steps=np.array([100, 200, 300]), curves=both, final=both[..., -1])


def everything(order: np.ndarray | None = None) -> Draw:
    return Draw(np.arange(8) if order is None else order, np.arange(3))


def test_what_policies_cost() -> None:
    assert FULL.trainings == 24.0  # 8 candidates x 3 seeds
    assert THIRD.trainings == pytest.approx(16.0)  # 3 x (8 x 1/3 + 4 x 2/3)
    assert HALVINGS[1].trainings == 12.0  # 3 x (8 x 1/4 + 4 x 1/4 + 2 x 1/2)
    assert THIRD.at_cost_of(FULL).candidates == 12  # 3 x (12 x 1/3 + 6 x 2/3) = 24
    assert HALVINGS[1].at_cost_of(FULL).candidates == 16
    assert SearchPolicy("single", seeds=1).at_cost_of(FULL).candidates == 24
    assert all(policy.trainings <= FULL.trainings + 1e-9 for policy in compared())


def test_a_rung_sees_the_last_episodes_before_it() -> None:
    made = bank(np.full(8, 5.0), TRUTH)
    np.testing.assert_array_equal(made.at(0.5)[0, :, 0], np.full(8, 5.0))
    np.testing.assert_array_equal(made.at(2 / 3)[0, :, 0], np.full(8, 5.0))  # no episode ended in between
    assert np.isnan(made.at(0.2)).all()
    np.testing.assert_array_equal(made.truth, TRUTH)


def test_the_best_at_the_rung_go_on_and_the_best_of_them_is_chosen() -> None:
    """At the rung 0, 1, 2, 3 lead; of these 3 ends best, of all 7 does."""
    misleading = bank(-TRUTH, TRUTH)
    assert choose(misleading, THIRD, everything()) == 3
    assert choose(misleading, SearchPolicy("full"), everything()) == 7
    assert choose(misleading, SearchPolicy("two", candidates=2), everything()) == 1


def test_one_seed_decides_alone_where_one_is_trained() -> None:
    made = bank(TRUTH, TRUTH)
    made.final[0, 2, 1] = 100.0  # success of reward 2 on seed 1
    assert choose(made, SearchPolicy("one", seeds=1), Draw(np.arange(8), np.array([1, 0, 2]))) == 2
    assert choose(made, SearchPolicy("one", seeds=1), Draw(np.arange(8), np.array([0, 1, 2]))) == 7


def test_who_fails_goes_first_and_nobody_goes_before_anything_was_seen() -> None:
    made = bank(TRUTH, TRUTH)
    made.curves[:, 7, 0] = np.nan  # one seed of the best reward failed
    made.final[:, 7, 0] = np.nan
    assert choose(made, THIRD, everything()) == 6
    early = SearchPolicy("early", rungs=(Rung(at=0.1, keep=0.1),))
    assert choose(bank(-TRUTH, TRUTH), early, everything()) == 7


def test_a_rung_that_tells_the_truth_costs_nothing() -> None:
    full, halved = judged(bank(TRUTH, TRUTH), (FULL, THIRD), 200)
    assert full.chosen.mean == full.chosen.low == 1.0 and full.difference is None
    assert halved.difference is not None and halved.over_banks is not None
    assert (halved.difference.mean, halved.difference.low, halved.over_banks.low) == (0.0, 0.0, 0.0)
    assert halved.not_worse and halved.steps == pytest.approx(2 / 3, abs=1e-4)


def test_a_rung_that_misleads_is_found_out() -> None:
    """All eight rewards are drawn each time: the best of the four worst is chosen, 4 of 8."""
    _, halved = judged(bank(-TRUTH, TRUTH), (FULL, THIRD), 200)
    assert halved.chosen.mean == 0.5
    assert halved.difference is not None
    assert (halved.difference.mean, halved.difference.low) == (-0.5, -0.5)
    assert halved.not_worse is False


def test_without_a_bank_nothing_is_judged(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no reward bank"):
        replay(tmp_path, 200)
