"""Which of two segments is better, by hand; and that a factor's unit makes no difference."""

from __future__ import annotations

import numpy as np

from autoreward.records import RankedFactor
from autoreward.trainer.combination.learned import Subject
from autoreward.trainer.combination.ranked import RankedWeights, decide_pairs
from tests.trainer.combination.test_stored_episodes import experience

RANK = (RankedFactor(term="speed", margin=0.5), RankedFactor(term="effort", better="less", margin=0.1))


def test_the_first_factor_that_tells_decides() -> None:
    """Deviations over the six segments: 1.0 and 1.0 after scaling; margins 0.5 and 0.1.

    Speed 2 against 0 decides, whatever the effort; 0.1 apart it does not tell, so the effort decides; the third pair
    is told apart by nothing.
    """
    sums = np.array([[[2.0, -9.0], [0.0, 9.0]], [[1.0, 1.0], [1.1, -1.0]], [[1.0, 0.0], [1.0, 0.0]]])
    deviation = sums.reshape(-1, 2).std(axis=0)
    assert abs(0.1) < 0.5 * deviation[0]
    assert decide_pairs(sums, np.array([0.5, 0.1])).tolist() == [1, 1, 0]
    assert decide_pairs(sums * [1000.0, 1.0], np.array([0.5, 0.1])).tolist() == [1, 1, 0]
    assert decide_pairs(-sums, np.array([0.5, 0.1])).tolist() == [-1, -1, 0]


def learned(unit: float) -> np.ndarray:
    """Weights after episodes of chance; the first term in another unit."""
    subject = Subject(("speed", "effort"), (1.0, -1.0), seeds=(0,), job_seed=0)
    combination = RankedWeights(subject, RANK)
    rng = np.random.default_rng(3)
    for _ in range(3):
        level = rng.standard_normal((1, 16, 2))
        terms = (level + 0.1 * rng.standard_normal((300, 16, 2))) * [unit, 1.0]
        combination.learn(experience(terms.astype(np.float32), [(299, env, 0.0) for env in range(16)]))
    assert combination.remarks() == ()
    return combination.weights()[0]


def test_a_factor_times_1000_changes_nothing() -> None:
    one, thousand = learned(1.0), learned(1024.0)
    assert one[0] > abs(one[1])
    assert one[1] < 0.0
    np.testing.assert_allclose(thousand * [1024.0, 1.0], one, rtol=1e-4)
