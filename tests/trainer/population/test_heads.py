"""Choices are drawn by their log-odds, and their density is what PPO needs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from autoreward.environment.declarations import ActionRange
from autoreward.trainer.population import policy
from autoreward.trainer.population.heads import Categorical, Gaussian, make_head

TWO = ActionRange(np.zeros(5), np.ones(5), choices=(2, 3))
ODDS = np.log(np.float32([0.9, 0.1, 0.2, 0.3, 0.5]))


def test_the_kind_of_action_says_which() -> None:
    assert isinstance(make_head(TWO), Categorical)
    assert isinstance(make_head(ActionRange(-np.ones(2), np.ones(2))), Gaussian)


def test_choices_are_drawn_by_their_odds() -> None:
    head = Categorical(TWO)
    noise = head.noise(jax.random.key(0), (20_000, 5))
    drawn = np.asarray(head.sample(jnp.broadcast_to(ODDS, noise.shape), jnp.zeros(5), noise))
    np.testing.assert_array_equal(drawn[:, :2].sum(axis=1), 1.0)
    np.testing.assert_allclose(drawn.mean(axis=0), np.exp(ODDS), atol=0.015)
    np.testing.assert_array_equal(head.scale(drawn), drawn)
    np.testing.assert_array_equal(head.scale(ODDS), [1, 0, 0, 0, 1])


def fixed(outputs: np.ndarray) -> policy.Parameters:
    """A policy that says the same in every state."""
    zero = policy.initial_parameters(np.random.default_rng(0), 3, len(outputs), (), -1.0)
    ((weights, _),) = zero.actor
    return zero._replace(actor=((0.0 * weights, outputs),))


def test_density_and_entropy_are_those_of_the_choices() -> None:
    head, parameters, observation = Categorical(TWO), fixed(ODDS), jnp.ones((4, 3))
    taken = jnp.broadcast_to(jnp.float32([0, 1, 0, 0, 1]), (4, 5))
    expected = np.full(4, np.log(0.1) + np.log(0.5))
    np.testing.assert_allclose(head.log_probability(parameters, observation, taken), expected, rtol=1e-5)
    np.testing.assert_allclose(head.noise_log_probability(parameters, observation, taken, taken), expected, rtol=1e-5)
    entropy = scipy.stats.entropy([0.9, 0.1]) + scipy.stats.entropy([0.2, 0.3, 0.5])
    assert float(head.entropy(parameters, observation)) == pytest.approx(entropy, rel=1e-5)


def test_numbers_without_limits_are_applied_as_they_are() -> None:
    free = ActionRange(np.float64([-np.inf, 0.0, -2.0]), np.float64([np.inf, np.inf, 4.0]))
    found = Gaussian(free).scale(np.float32([[7.0, -7.0, 7.0], [-7.0, 7.0, -0.5]]))
    np.testing.assert_allclose(found, [[7.0, 0.0, 4.0], [-7.0, 7.0, -0.5]])
