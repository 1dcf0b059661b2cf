"""The buffer of a learner: a ring, drawn at random, normalised by what was seen."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.trainer.off_policy.experience import Experience


def experience(size: int = 4, normalise: bool = True) -> Experience:
    return Experience(size, 2, 1, False, normalise, np.random.default_rng(0))


def rows(*rewards: float) -> dict[str, np.ndarray]:
    count = len(rewards)
    observation = np.arange(2.0 * count).reshape(count, 2)
    return {
        "observation": observation,
        "next_observation": observation + 2.0,
        "action": np.zeros((count, 1)),
        "terminated": np.zeros(count),
        "reward": np.asarray(rewards),
    }


def test_a_ring_keeps_the_last_transitions() -> None:
    kept = experience(normalise=False)
    kept.extend(rows(1.0, 2.0, 3.0))
    kept.extend(rows(4.0, 5.0))
    assert kept.count == 4
    assert sorted(set(kept.sample(200).rewards.ravel().tolist())) == [2.0, 3.0, 4.0, 5.0]


def test_rewards_are_divided_by_their_root_mean_square() -> None:
    kept = experience()
    kept.extend(rows(3.0, 4.0, 3.0, 4.0))  # rms = sqrt((9 + 16 + 9 + 16) / 4) = sqrt(12.5)
    scaled, cut = kept.paid(np.array([3.0, -4.0, 100.0]))
    np.testing.assert_allclose(scaled, [3.0 / np.sqrt(12.5), -4.0 / np.sqrt(12.5), 10.0], rtol=1e-6)
    assert cut == pytest.approx(1 / 3)


def test_a_constant_reward_stays_one_and_none_stays_none() -> None:
    kept = experience()
    kept.extend(rows(0.0, 0.0))
    assert kept.paid(np.zeros(2))[0].tolist() == [0.0, 0.0]
    kept = experience()
    kept.extend(rows(7.0, 7.0, 7.0))
    np.testing.assert_allclose(kept.paid(np.full(3, 7.0))[0], np.ones(3), rtol=1e-6)


def test_observations_have_mean_0_and_deviation_1_over_all_that_came() -> None:
    kept = experience(size=100)
    drawn = np.random.default_rng(1).normal(5.0, 3.0, (60, 2))
    for part in np.split(drawn, 4):
        kept.extend(rows(*np.zeros(len(part))) | {"observation": part})
    np.testing.assert_allclose(kept.observations.mean, drawn.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(kept.observations.var, drawn.var(axis=0), rtol=1e-9)
    seen = kept.seen(drawn)
    np.testing.assert_allclose(seen.mean(axis=0), np.zeros(2), atol=1e-5)
    np.testing.assert_allclose(seen.std(axis=0), np.ones(2), rtol=1e-5)


def test_what_is_kept_comes_back() -> None:
    first, second = experience(), experience()
    first.extend(rows(1.0, 2.0, 3.0, 4.0, 5.0))
    second.restore(first.state())
    second.rng, first.rng = np.random.default_rng(3), np.random.default_rng(3)
    for one, other in zip(first.sample(16), second.sample(16), strict=True):
        if one is not None:
            np.testing.assert_array_equal(one.numpy(), other.numpy())
