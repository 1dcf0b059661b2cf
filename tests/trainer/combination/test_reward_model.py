"""Learned rewards: f by hand, the same f in another scale, weights and models that pay the same, fits that find."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from autoreward.trainer.combination.reward_model import (
    Fitted,
    RewardModel,
    apply_model,
    fit_preferences,
    fit_returns,
    initial_model,
    is_finite,
    pay_by_model,
    rescaled,
    stack_models,
    start_optimiser,
    weights_of,
)

LINEAR = RewardModel(np.float32([2.0, 0.0]), ((np.float32([[3.0], [5.0]]), np.float32([0.5])),))


def test_by_hand() -> None:
    """3 * 4 / 2 + 0.5 = 6.5; the second term is constant and not looked at; the constant is not paid."""
    terms = np.float32([[4.0, 7.0]])
    assert apply_model(LINEAR, terms).tolist() == [6.5]
    assert apply_model(LINEAR, terms, paid=True).tolist() == [6.0]
    assert weights_of(LINEAR, terms).tolist() == [1.5, 0.0]


@pytest.mark.parametrize("hidden", [(), (8, 8)])
def test_in_another_scale_it_pays_the_same(hidden: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    model = initial_model(rng, 3, hidden or (4,))._replace(scale=np.float32([1.0, 2.0, 0.5]))
    if not hidden:
        model = model._replace(layers=((np.float32([[1.0], [-2.0], [3.0]]), np.float32([0.1])),))
    terms = rng.standard_normal((20, 3)).astype(np.float32)
    again = rescaled(model, np.float32([4.0, 1.0, 1.0]), 0.25)
    np.testing.assert_allclose(0.25 * apply_model(model, terms), apply_model(again, terms), rtol=1e-5, atol=1e-6)


def test_members_are_paid_by_their_own_models() -> None:
    other = LINEAR._replace(scale=np.float32([1.0, 0.0]))
    terms = np.ones((2, 4, 2), np.float32)  # two members with two environments
    paid = pay_by_model(stack_models([LINEAR, other]), terms)
    assert paid.tolist() == [[1.5, 1.5, 3.0, 3.0]] * 2


def test_the_slope_of_a_network_is_its_derivative() -> None:
    """relu(2 x) + relu(-2 x) at x = 1: slope 2."""
    layers = (
        (np.float32([[2.0, -2.0]]), np.zeros(2, np.float32)),
        (np.float32([[1.0], [1.0]]), np.zeros(1, np.float32)),
    )
    model = RewardModel(np.ones(1, np.float32), layers)
    assert weights_of(model, np.float32([[1.0], [3.0]])).tolist() == [2.0]


def test_returns_are_fitted() -> None:
    """The return of an episode is 1.0 a step times the first term; the second one is noise."""
    rng = np.random.default_rng(1)
    model = initial_model(rng, 2, ())._replace(scale=np.ones(2, np.float32))
    terms = rng.standard_normal((3000, 32, 1, 2)).astype(np.float32)
    fitted = fit_returns(Fitted(model, start_optimiser(model)), terms, terms[:, :, 0, 0], 1e-3)
    np.testing.assert_allclose(
        weights_of(jax.tree.map(np.asarray, fitted.model), terms[0, :, 0]), [1.0, 0.0], atol=0.02
    )


def test_preferences_are_fitted_and_what_lies_behind_a_segment_counts_nothing() -> None:
    """The segment with more of the first term is better; behind its first two steps stands something wrong."""
    rng = np.random.default_rng(2)
    model = initial_model(rng, 2, ())._replace(scale=np.ones(2, np.float32))
    pairs = rng.standard_normal((400, 64, 2, 4, 2)).astype(np.float32)
    inside = np.zeros((400, 64, 2, 4), np.float32)
    inside[..., :2] = 1.0
    sums = (pairs[..., 0] * inside).sum(axis=-1)
    first = (sums[:, :, 0] > sums[:, :, 1])[..., None, None]
    better, worse = (np.where(first == flag, pairs[:, :, 0], pairs[:, :, 1]) for flag in (True, False))
    fitted = fit_preferences(Fitted(model, start_optimiser(model)), better, worse, inside, 1e-2)
    weights = weights_of(jax.tree.map(np.asarray, fitted.model), pairs[0, 0, 0])
    assert weights[0] > 1.0
    assert abs(weights[1]) < 0.1 * weights[0]


def test_what_is_not_finite_is_seen() -> None:
    assert is_finite(LINEAR)
    assert not is_finite(LINEAR._replace(scale=np.float32([np.nan, 0.0])))
