"""Rewards of any scale, and with spikes, leave the policy the same numbers to learn from."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from autoreward.records import REWARD_CLIP
from autoreward.trainer.population.policy import initial_stats, update_stats
from autoreward.trainer.population.reward_scale import (
    RewardScale,
    discounted_returns,
    initial_scale,
    limit_spikes,
    normalise_rewards,
    power_of_two,
)

STEPS, ENVS, GAMMA = 128, 16, 0.99
FLAGS = st.lists(st.sampled_from(["on", "terminated", "truncated"]), min_size=12, max_size=12)
NORMALISE = normalise_rewards
NEVER = np.zeros((STEPS, ENVS), np.float32)


def column(*values: float) -> np.ndarray:
    return np.asarray(values, np.float32)[:, None]


def ordinary(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(1.0, 0.5, (STEPS, ENVS)).astype(np.float32)


def after(rollouts: list[np.ndarray]) -> tuple[np.ndarray, RewardScale]:
    """The last rollout's normalised rewards, and the scale behind it."""
    scale = initial_scale(ENVS)
    for reward in rollouts:
        normalised, scale = NORMALISE(scale, jnp.asarray(reward), NEVER, GAMMA)
    return np.asarray(normalised), scale


def test_discounted_returns_start_anew_after_an_episode() -> None:
    # g_0 = 0.5*8 + 1 = 5;  g_1 = 0.5*5 + 2 = 4.5, ends;  g_2 = 3;  carry = 3
    carry, returns = discounted_returns(jnp.asarray([8.0]), column(1, 2, 3), column(0, 1, 0), 0.5)
    np.testing.assert_allclose(returns, column(5.0, 4.5, 3.0))
    np.testing.assert_allclose(carry, [3.0])


def test_rewards_are_divided_by_the_deviation_of_the_return() -> None:
    # g = 1, 2.5, 4.25 with gamma 0.5 and one environment: variance 1.7639 around 2.5833
    # (the prior, mean 0 with weight 1e-4, moves it by 2e-4 of itself)
    normalised, _ = normalise_rewards(initial_scale(1), column(1, 2, 3), np.zeros((3, 1), np.float32), 0.5)
    np.testing.assert_allclose(normalised, column(1, 2, 3) / np.sqrt(1.763889), rtol=1e-3)


@examples(max_examples=5, deadline=None)
@given(st.integers(-60, 60), st.integers(0, 1000))
def test_a_power_of_two_of_the_rewards_changes_nothing_at_all(exponent: int, seed: int) -> None:
    rollouts = [ordinary(seed), ordinary(seed + 1)]
    scaled = [np.ldexp(reward, exponent) for reward in rollouts]
    np.testing.assert_array_equal(after(scaled)[0], after(rollouts)[0])


@examples(max_examples=5, deadline=None)
@given(st.floats(-12.0, 12.0), st.integers(0, 1000))
def test_any_scale_gives_the_same_rewards(decades: float, seed: int) -> None:
    rollouts = [ordinary(seed), ordinary(seed + 1)]
    scaled = [(reward * 10.0**decades).astype(np.float32) for reward in rollouts]
    np.testing.assert_allclose(after(scaled)[0], after(rollouts)[0], rtol=1e-4)


@pytest.mark.parametrize("size", [1e3, 1e5, 1e9, -1e5])
def test_one_spike_does_not_starve_what_follows(size: float) -> None:
    spiked = [ordinary(seed) for seed in range(10)]
    spiked[0][64, 3] = size
    with_spike, without = after(spiked)[0], after([ordinary(seed) for seed in range(10)])[0]
    assert 0.5 < np.std(with_spike) / np.std(without) < 2.0


def test_a_spike_is_learned_from_as_far_as_any_reward() -> None:
    reward = ordinary(0)
    reward[64, 3] = 1e5
    assert after([reward])[0][64, 3] == REWARD_CLIP


def test_what_is_paid_often_or_alone_is_no_spike() -> None:
    rare = np.zeros((STEPS, ENVS), np.float32)
    rare[-1, 0] = 7.0  # the only reward of the rollout
    often = ordinary(0)
    often[:: STEPS // 16] = 1e3  # in an eighth of the steps
    for reward in (rare, often, ordinary(1)):
        np.testing.assert_array_equal(limit_spikes(jnp.asarray(reward)), reward)


def test_nothing_paid_is_nothing_learned() -> None:
    normalised, scale = after([NEVER, NEVER])
    assert not normalised.any()
    assert float(scale.unit) == 0.0


def test_the_first_reward_after_nothing_is_seen_at_its_own_scale() -> None:
    np.testing.assert_allclose(
        np.std(after([NEVER, ordinary(0) * 1e-9])[0]), np.std(after([NEVER, ordinary(0)])[0]), rtol=1e-4
    )


@pytest.mark.parametrize(("size", "power"), [(0.0, 0.0), (1.0, 2.0), (0.75, 1.0), (3e9, 2.0**32), (1e-12, 2.0**-39)])
def test_powers_of_two(size: float, power: float) -> None:
    assert float(power_of_two(jnp.float32(size))) == power


@examples(deadline=None)
@given(FLAGS)
def test_discounted_returns_are_those_of_a_loop(flags: list[str]) -> None:
    reward = np.random.default_rng(1).normal(size=12)
    ended = np.array([flag != "on" for flag in flags], np.float32)
    running, expected = 2.0, []
    for one, over in zip(reward, ended, strict=True):
        running = 0.9 * running + one
        expected.append(running)
        running *= 1 - over
    carry, made = discounted_returns(np.float32(2.0), np.float32(reward), ended, 0.9)
    np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(carry, running, rtol=1e-4, atol=1e-5)


def test_the_share_of_rewards_that_were_cut_is_told() -> None:
    spiked = ordinary(1)
    spiked[3, 2] = spiked[7, 0] = 1e5
    _, scale = after([ordinary(0), spiked])
    assert float(scale.clipped) == pytest.approx(2 / (STEPS * ENVS))
    assert float(after([ordinary(0)])[1].clipped) == 0.0


def test_ordinary_rewards_are_normalised_as_vec_normalize_does_it() -> None:
    """Without a spike neither the unit nor the cut makes a difference beyond rounding."""
    rng, rollouts = np.random.default_rng(0), [ordinary(seed) for seed in range(20)]
    scale, stats, discounted = initial_scale(ENVS), initial_stats(()), np.zeros(ENVS, np.float32)
    for reward in rollouts:
        ended = (rng.random((STEPS, ENVS)) < 1 / 40).astype(np.float32)
        normalised, scale = NORMALISE(scale, jnp.asarray(reward), ended, GAMMA)
        discounted, returns = discounted_returns(discounted, jnp.asarray(reward), ended, GAMMA)
        stats = update_stats(stats, returns.reshape(-1))
        expected = np.clip(reward / np.sqrt(stats.var + 1e-8), -REWARD_CLIP, REWARD_CLIP)
        np.testing.assert_allclose(normalised, expected, rtol=2e-6, atol=2e-6)
