"""The fitted weights, beside what can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autoreward.people.bradley_terry import fit, probability


def test_one_weight_solves_its_equation() -> None:
    """Three of four answers prefer a: 4 sigmoid(w) - 3 + ridge w = 0 at the minimum."""
    differences, outcomes = np.ones((4, 1)), np.array([1.0, 1.0, 1.0, 0.0])
    (weight,) = fit(differences, outcomes, ridge=0.5)
    assert 4 / (1 + math.exp(-weight)) - 3 + 0.5 * weight == pytest.approx(0.0, abs=1e-9)


def test_an_answer_that_counts_twice_is_two_answers() -> None:
    twice = fit(np.ones((2, 1)), np.array([1.0, 0.0]), 0.1, counts=np.array([2.0, 1.0]))
    assert twice == pytest.approx(fit(np.ones((3, 1)), np.array([1.0, 1.0, 0.0]), 0.1))


def test_without_answers_the_weights_are_their_centre() -> None:
    assert fit(np.zeros((0, 2)), np.zeros(0), 1.0, centre=np.array([2.0, -1.0])).tolist() == [2.0, -1.0]


def test_a_tie_moves_nothing() -> None:
    assert fit(np.array([[3.0, 1.0]]), np.array([0.5]), 0.1) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_answers_that_contradict_nothing_stay_finite() -> None:
    weights = fit(1000.0 * np.ones((20, 1)), np.ones(20), 1e-3)
    assert np.isfinite(weights).all() and probability(np.ones((1, 1)), weights)[0] > 0.5
