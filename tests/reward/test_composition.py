"""The reward formula by hand, and the property that shaping telescopes."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.reward.composition import as_float32, compose_reward


@pytest.mark.parametrize("xp", [np, jnp])
def test_by_hand(xp: object) -> None:
    array = xp.asarray  # type: ignore[attr-defined]
    terms = array([[1.0, 2.0], [3.0, 4.0]])
    reward = compose_reward(terms, array([0.5, -1.0]), array([1.0, 2.0]), array([3.0, 5.0]), 0.9, array([0.0, 1.0]))
    # 0.5*1 - 1*2 + 0.9*3*(1-0) - 1 = 0.2;   0.5*3 - 1*4 + 0.9*5*(1-1) - 2 = -4.5
    np.testing.assert_allclose(np.asarray(reward), [0.2, -4.5], rtol=1e-6)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=20), st.floats(0.5, 1.0))
def test_shaping_alone_adds_only_the_start_to_a_terminated_episode(potential: list[float], gamma: float) -> None:
    phi = np.asarray(potential)
    terminated = np.zeros(len(phi) - 1)
    terminated[-1] = 1.0
    rewards = compose_reward(np.zeros((len(phi) - 1, 1)), np.ones(1), phi[:-1], phi[1:], gamma, terminated)
    discounted = np.sum(rewards * gamma ** np.arange(len(rewards)))
    np.testing.assert_allclose(discounted, -phi[0], atol=1e-9)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_of_float32_is_itself(number: float) -> None:
    assert as_float32(number) == number


def test_beyond_float32() -> None:
    assert (as_float32(1e39), as_float32(-1e39), as_float32(1e-50)) == (math.inf, -math.inf, 0.0)
