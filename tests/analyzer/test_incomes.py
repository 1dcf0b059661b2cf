"""What terms paid over time, with sums worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.analyzer.incomes import episode_income, mean_income, training_income
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.recordings import unflatten
from autoreward.records import CurvePoint, MemberResult

NAN = float("nan")


def recorded(means: dict[int, list[list[float]]]) -> CandidateRecordings:
    """Rollouts that end at 10, 20, ... steps, with the means of two terms."""
    arrays = {f"c/{seed}/term_mean": np.float32(values) for seed, values in means.items()}
    arrays |= {f"c/{seed}/steps": np.arange(1, len(values) + 1) * 10 for seed, values in means.items()}
    members = [MemberResult(candidate="c", seed=seed, status="trained") for seed in means]
    names = ("go", "cost")
    return CandidateRecordings.of_candidate("c", members, unflatten(arrays, {"c": names}), names)


def test_an_episode_has_ten_parts() -> None:
    ends, (go,) = episode_income(0.1 * np.arange(1, 41), {"go": np.arange(40)})
    # 40 steps in parts of four: 0 + 1 + 2 + 3 = 6, then 16 more a part
    assert go.parts == pytest.approx([6 + 16 * part for part in range(10)])
    assert ends == pytest.approx([0.4 * part for part in range(1, 11)])


def test_parts_are_as_equal_as_the_steps_allow() -> None:
    ends, (go,) = episode_income(np.arange(1.0, 13.0), {"go": np.ones(12)})
    assert go.parts == (2.0, 2.0, *[1.0] * 8) and ends[-1] == 12.0


def test_a_short_episode_has_as_many_parts_as_steps() -> None:
    ends, (go,) = episode_income(np.array([0.1, 0.2, 0.3]), {"go": np.array([1.0, 2.0, 4.0])})
    assert (ends, go.parts) == ((0.1, 0.2, 0.3), (1.0, 2.0, 4.0))


def test_no_terms_or_no_steps_is_no_income() -> None:
    assert episode_income(np.array([0.1]), {}) == ((), ())
    assert episode_income(np.zeros(0), {"go": np.zeros(0)}) == ((), ())


def test_every_seed_counts_the_same_however_many_rollouts_it_finished() -> None:
    recordings = recorded({0: [[1, 0], [3, 0], [5, 0]], 1: [[9, -1]]})
    # (mean(1, 3, 5) + 9) / 2 = 6, twice as weight; (0 - 1) / 2
    assert mean_income(recordings, {"go": 2.0, "cost": 1.0}, 0.0, 30.0) == {"go": 12.0, "cost": -0.5}
    assert mean_income(recordings, {"go": 2.0, "cost": 1.0}, 10.0, 20.0) == {"go": 6.0, "cost": 0.0}  # ends at 20 alone
    assert mean_income(recordings, {"go": 2.0, "cost": 1.0}, 0.0, 30.0, seeds=[1]) == {"go": 18.0, "cost": -1.0}


def test_a_rollout_with_nan_in_any_term_does_not_count() -> None:
    recordings = recorded({0: [[1, NAN], [3, -2]]})
    assert mean_income(recordings, {"go": 1.0, "cost": 1.0}, 0.0, 20.0) == {"go": 3.0, "cost": -2.0}
    assert mean_income(recordings, {"go": 1.0, "cost": 1.0}, 0.0, 10.0) is None


def test_terms_of_another_number_are_no_income() -> None:
    assert mean_income(recorded({0: [[1, 2]]}), {"go": 1.0}, 0.0, 10.0) is None


def test_over_training_a_part_without_rollouts_has_none() -> None:
    recordings = recorded({0: [[1, 0], [2, -4]]})
    curve = [
        CurvePoint(env_steps=end, success=None, progress=None, own_return=None, length=None) for end in (10, 20, 30)
    ]
    found = training_income(recordings, {"go": 1.0, "cost": 0.5}, curve)
    assert found == {"go": (1.0, 2.0, None), "cost": (0.0, -2.0, None)}
