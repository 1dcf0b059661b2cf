"""Advantages, discounted returns and running statistics, against numbers worked out by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from autoreward.environment.declarations import ActionRange
from autoreward.records import PPOSettings
from autoreward.trainer.population import policy, ppo
from autoreward.trainer.population.heads import Gaussian
from autoreward.trainer.population.seeding import draw_shuffles


def column(*values: float) -> np.ndarray:
    return np.asarray(values, np.float32)[:, None]


def test_advantages_without_an_end() -> None:
    # delta_t = r_t + 0.5 * V(s_{t+1}) - V(s_t):  1 + 0.5*4 - 2 = 1;  2 + 0.5*6 - 4 = 1;  3 + 0.5*8 - 6 = 1
    # A_2 = 1;  A_1 = 1 + 0.5*0.5*1 = 1.25;  A_0 = 1 + 0.25*1.25 = 1.3125
    advantage = ppo.generalised_advantages(
        column(1, 2, 3), column(2, 4, 6), column(4, 6, 8), column(0, 0, 0), column(0, 0, 0), 0.5, 0.5
    )
    np.testing.assert_allclose(advantage, column(1.3125, 1.25, 1.0))


def test_termination_has_no_future() -> None:
    # the episode ends for good at t = 1:  delta_1 = 2 - 4 = -2, and no trace reaches over it
    # A_2 = 1;  A_1 = -2;  A_0 = 1 + 0.25 * -2 = 0.5
    advantage = ppo.generalised_advantages(
        column(1, 2, 3), column(2, 4, 6), column(4, 99, 8), column(0, 1, 0), column(0, 0, 0), 0.5, 0.5
    )
    np.testing.assert_allclose(advantage, column(0.5, -2.0, 1.0))


def test_truncation_bootstraps_but_leaves_no_trace() -> None:
    # the time limit cuts at t = 1:  delta_1 = 2 + 0.5*10 - 4 = 3, and no trace reaches over it
    # A_2 = 1;  A_1 = 3;  A_0 = 1 + 0.25*3 = 1.75
    advantage = ppo.generalised_advantages(
        column(1, 2, 3), column(2, 4, 6), column(4, 10, 8), column(0, 0, 0), column(0, 1, 0), 0.5, 0.5
    )
    np.testing.assert_allclose(advantage, column(1.75, 3.0, 1.0))


def test_running_statistics_equal_those_of_all_data() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.normal(3.0, 2.0, (size, 4)).astype(np.float32) for size in (5, 1, 200)]
    stats = policy.initial_stats((4,))
    for part in parts:
        stats = policy.update_stats(stats, part)
    everything = np.concatenate(parts)
    np.testing.assert_allclose(stats.mean, everything.mean(axis=0), rtol=1e-3)
    np.testing.assert_allclose(stats.var, everything.var(axis=0), rtol=1e-3)


def test_log_probability_is_the_gaussian_density() -> None:
    parameters = policy.initial_parameters(np.random.default_rng(0), 3, 2, (4,), -0.5)
    observation, action = jnp.ones((5, 3)), jnp.full((5, 2), 0.3)
    mean, std = np.asarray(policy.action_mean(parameters, observation)), np.exp(-0.5)
    by_hand = (-((0.3 - mean) ** 2) / (2 * std**2) - np.log(std * np.sqrt(2 * np.pi))).sum(axis=-1)
    np.testing.assert_allclose(policy.log_probability(parameters, observation, action), by_hand, rtol=1e-5)


def test_initial_layers_are_orthogonal_with_their_gain() -> None:
    parameters = policy.initial_parameters(np.random.default_rng(0), 3, 2, (4,), 0.0)
    first, last = parameters.actor[0][0], parameters.actor[1][0]
    np.testing.assert_allclose(first @ first.T, 2.0 * np.eye(3), atol=1e-6)  # 3 rows, gain sqrt(2)
    np.testing.assert_allclose(last.T @ last, 1e-4 * np.eye(2), atol=1e-9)  # 2 columns, gain 0.01


def rollout(member: ppo.Member, settings: PPOSettings, reward: float) -> ppo.MemberRollout:
    shape = (settings.num_steps, settings.num_envs)
    rng = np.random.default_rng(1)
    zeros = jnp.zeros(shape)
    observation = jnp.asarray(rng.normal(size=(*shape, 3)), jnp.float32)
    noise = jnp.asarray(rng.normal(size=(*shape, 2)), jnp.float32)
    actor = ppo.actor(member)
    return ppo.MemberRollout(
        observation=observation,
        next_observation=jnp.asarray(rng.normal(size=(*shape, 3)), jnp.float32),
        action=policy.mean_action(actor, observation) + jnp.exp(actor.log_std) * noise,
        noise=noise,
        reward=jnp.asarray(reward * rng.normal(size=shape), jnp.float32),
        terminated=zeros,
        truncated=zeros,
    )


HEAD = Gaussian(ActionRange(np.full(2, -1.0), np.full(2, 1.0)))
SETTINGS = PPOSettings(num_envs=4, num_steps=8, num_minibatches=2, hidden=(8,))


def updated(settings: PPOSettings, reward: float) -> tuple[ppo.Member, ppo.Member]:
    member = ppo.initial_member(np.random.default_rng(0), 3, 2, settings)
    (order,) = draw_shuffles(1, [0], 0, settings.update_epochs, settings.num_envs * settings.num_steps)
    after = ppo.update(member, rollout(member, settings, reward), order, jnp.float32(1e-3), settings, 0.99, HEAD)
    return member, after


def test_an_update_moves_the_parameters() -> None:
    before, after = updated(SETTINGS, 1.0)
    assert bool(after.finite)
    assert not np.array_equal(before.parameters.actor[0][0], after.parameters.actor[0][0])


def test_an_update_that_is_not_finite_is_refused() -> None:
    before, after = updated(SETTINGS.model_copy(update={"norm_reward": False}), 1e38)
    assert not bool(after.finite)
    for one, other in zip(jax.tree.leaves(before.parameters), jax.tree.leaves(after.parameters), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("target_kl", [1e-9, 1e9])
def test_target_kl_stops_the_epochs(target_kl: float) -> None:
    _, free = updated(SETTINGS, 1.0)
    _, limited = updated(SETTINGS.model_copy(update={"target_kl": target_kl}), 1.0)
    same = np.array_equal(free.parameters.actor[0][0], limited.parameters.actor[0][0])
    assert same == (target_kl > 1.0)


def test_shuffles_are_permutations_of_their_own_stream() -> None:
    order = draw_shuffles(3, [0, 1, 0], iteration=2, epochs=4, size=10)
    assert order.shape == (3, 4, 10)
    np.testing.assert_array_equal(np.sort(order), np.broadcast_to(np.arange(10), order.shape))
    np.testing.assert_array_equal(order[0], order[2])
    assert len({tuple(row) for row in order[:2].reshape(-1, 10)}) == 8
    assert not np.array_equal(order, draw_shuffles(3, [0, 1, 0], iteration=3, epochs=4, size=10))


def test_noise_has_the_log_probability_of_its_actions() -> None:
    parameters = policy.initial_parameters(np.random.default_rng(0), 3, 2, (8,), log_std=-0.5)
    observation, noise = jnp.ones((4, 3)), jnp.asarray(np.random.default_rng(1).normal(size=(4, 2)), jnp.float32)
    action = policy.action_mean(parameters, observation) + jnp.exp(parameters.log_std) * noise
    expected = policy.log_probability(parameters, observation, action)
    np.testing.assert_allclose(policy.noise_log_probability(parameters, noise), expected, rtol=1e-5)


def slow_advantages(
    reward: np.ndarray, value: np.ndarray, next_value: np.ndarray, ends: np.ndarray, dead: np.ndarray
) -> np.ndarray:
    """The definition, sum by sum: A_t = sum_l (gamma * lambda)^l delta_{t+l}, up to the end of the episode."""
    delta = reward + 0.9 * next_value * (1 - dead) - value
    made = np.zeros(len(reward))
    for t in range(len(reward)):
        for k in range(t, len(reward)):
            made[t] += (0.9 * 0.8) ** (k - t) * delta[k]
            if ends[k]:
                break
    return made


FLAGS = st.lists(st.sampled_from(["on", "terminated", "truncated"]), min_size=12, max_size=12)


@examples(deadline=None)
@given(FLAGS)
def test_advantages_are_those_of_the_definition(flags: list[str]) -> None:
    rng = np.random.default_rng(0)
    reward, value, next_value = rng.normal(size=(3, 12))
    dead, cut = (np.array([flag == name for flag in flags], float) for name in ("terminated", "truncated"))
    made = ppo.generalised_advantages(*map(np.float32, (reward, value, next_value, dead, cut)), 0.9, 0.8)
    expected = slow_advantages(reward, value, next_value, dead + cut, dead)
    np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-5)
