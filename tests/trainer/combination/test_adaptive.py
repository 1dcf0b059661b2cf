"""Weights go to terms that still inform, slowly, and never farther than a factor of 4."""

from __future__ import annotations

import numpy as np

from autoreward.trainer.combination.adaptive import MOST, AdaptiveWeights
from autoreward.trainer.combination.combination import Experience
from autoreward.trainer.combination.learned import Subject


def test_a_saturated_term_loses_and_all_stay_within_a_factor_of_4() -> None:
    combination = AdaptiveWeights(Subject(("speed", "upright"), (1.0, -0.5), seeds=(0, 1), job_seed=0))
    np.testing.assert_allclose(combination.weights(), [[1.0, -0.5]] * 2)
    rng = np.random.default_rng(0)
    none, nowhere = np.zeros(0), np.zeros(0, int)
    for rollout in range(200):
        terms = rng.standard_normal((16, 8, 2)).astype(np.float32)
        if rollout:
            terms[..., 1] = 1.0  # whatever is done
        over = np.zeros((16, 8), bool)
        combination.learn(Experience(terms, np.zeros((16, 8)), over, nowhere, nowhere, none, none, rollout))
        moved = combination.weights() / np.float32([1.0, -0.5])
        assert ((moved > 1.0 / MOST) & (moved < MOST)).all()
        if rollout == 1:
            assert np.abs(np.log(moved)).max() < 0.1
    assert (moved[:, 0] > 1.3).all()
    assert (moved[:, 1] < 0.75).all()
