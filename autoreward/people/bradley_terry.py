"""The Bradley-Terry model, fitted: P(a is preferred to b) = sigmoid(w . (x_a - x_b)), a tie is half of each.

Source: Bradley and Terry 1952, Rank analysis of incomplete block designs; here with a ridge, so that few answers do
not make large weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 50  # of Newton's method; it converges in a few
ENOUGH = 1e-10  # of a step's length
LARGEST = 30.0  # of a logit

Floats = NDArray[np.float64]


def fit(
    differences: Floats, outcomes: Floats, ridge: float, centre: Floats | None = None, counts: Floats | None = None
) -> Floats:
    """The weights `[D]` that explain the outcomes best.

    Args:
        differences: x_a - x_b, `[N, D]`.
        outcomes: 1 where a is preferred, 0 where b is, 0.5 for a tie, `[N]`.
        ridge: of lambda / 2 |w - centre|^2.
        centre: where the weights are drawn to, `[D]`; 0 by default.
        counts: how often each answer counts, `[N]`; once by default.
    """
    size = differences.shape[1]
    centre = np.zeros(size) if centre is None else centre
    counts = np.ones(len(outcomes)) if counts is None else counts
    weights = centre.copy()
    for _ in range(STEPS):
        chance = probability(differences, weights)
        gradient = differences.T @ (counts * (chance - outcomes)) + ridge * (weights - centre)
        curvature = (differences.T * (counts * chance * (1.0 - chance))) @ differences + ridge * np.eye(size)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step / max(1.0, float(np.linalg.norm(step)))  # never far from where it was computed
        if float(np.linalg.norm(step)) < ENOUGH:
            break
    return weights


def probability(differences: Floats, weights: Floats) -> Floats:
    """P(a is preferred to b) for each pair, `[N]`."""
    logits = np.clip(differences @ weights, -LARGEST, LARGEST)
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))
