"""The scale of one member's rewards: what they are divided by before they are learned from.

Rewards are divided by the running standard deviation of their discounted return, as stable-baselines3's VecNormalize
does it, with two differences. All statistics are kept in a unit of the member's own, a power of two: so rewards of any
scale that float32 holds give the same policy. And a reward far beyond the others of its rollout enters the statistics
cut: one spike cannot starve all that follows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from autoreward.records import REWARD_CLIP
from autoreward.trainer.population.policy import RunningStats, update_stats

Array = Any

SPIKE = 10.0  # times the mean size of a rollout's rewards that are not 0: more does not enter the statistics
SPIKE_PASSES = 8  # each divides what one spike adds to the mean by about (rewards of the rollout / SPIKE)


class RewardScale(NamedTuple):
    """What is known of the size of one member's rewards."""

    unit: Float[Array, ""]  # a power of two, no return seen so far was larger; 0 before the first reward
    returns: RunningStats  # scalar, of discounted returns in that unit
    discounted: Float[Array, " E"]  # running discounted return of each environment
    clipped: Float[Array, ""]  # share of the last rollout's rewards that were cut at REWARD_CLIP


def initial_scale(num_envs: int) -> RewardScale:
    """Nothing seen yet; numpy arrays."""
    nothing = np.zeros((), np.float32)
    stats = RunningStats(nothing, nothing, np.asarray(1e-4, np.float32))
    return RewardScale(nothing, stats, np.zeros(num_envs, np.float32), nothing)


def normalise_rewards(
    scale: RewardScale, reward: Float[Array, "T E"], ended: Float[Array, "T E"], gamma: float
) -> tuple[Float[Array, "T E"], RewardScale]:
    """Rewards in standard deviations of the discounted return, and the scale with this rollout in it.

    Args:
        reward: r_t, finite.
        ended: 1 where the episode terminated or was truncated.
        gamma: discount.

    Returns:
        The normalised rewards in +-REWARD_CLIP: 0 as long as no return has differed from another.
    """
    discounted, returns = discounted_returns(scale.discounted, limit_spikes(reward), ended, gamma)
    unit = jnp.maximum(scale.unit, power_of_two(jnp.max(jnp.abs(returns))))
    divisor = jnp.where(unit > 0.0, unit, 1.0)
    shrink = scale.unit / divisor  # exact: both are powers of two, or the first is 0 and so are the statistics
    known = RunningStats(scale.returns.mean * shrink, scale.returns.var * jnp.square(shrink), scale.returns.count)
    stats = update_stats(known, (returns / divisor).reshape(-1))
    deviation = jnp.sqrt(stats.var)
    scaled = jnp.where(deviation > 0.0, reward / divisor / jnp.where(deviation > 0.0, deviation, 1.0), 0.0)
    clipped = jnp.mean(jnp.abs(scaled) > REWARD_CLIP, dtype=jnp.float32)
    return jnp.clip(scaled, -REWARD_CLIP, REWARD_CLIP), RewardScale(unit, stats, discounted, clipped)


def limit_spikes(reward: Float[Array, "T E"]) -> Float[Array, "T E"]:
    """Rewards cut at SPIKE times their mean size, the mean taken over those that are not 0, and after the cut.

    What is that large in a tenth of the steps or more is no spike and stays: then the mean has no other solution.

    Args:
        reward: of one rollout.
    """
    unit = power_of_two(jnp.max(jnp.abs(reward)))
    size = jnp.abs(reward) / jnp.where(unit > 0.0, unit, 1.0)  # at most 1: its sum cannot overflow
    count = jnp.maximum(jnp.sum(size > 0.0), 1)
    mean = jnp.sum(size) / count
    for _ in range(SPIKE_PASSES):
        mean = jnp.sum(jnp.minimum(size, SPIKE * mean)) / count
    most = SPIKE * mean * unit
    return jnp.clip(reward, -most, most)


def power_of_two(size: Float[Array, ""]) -> Float[Array, ""]:
    """The power of two above `size`; 0 for 0."""
    _, exponent = jnp.frexp(size)
    return jnp.where(size > 0.0, jnp.ldexp(jnp.float32(1.0), exponent), 0.0)


def discounted_returns(
    carry: Float[Array, " *E"], reward: Float[Array, " T *E"], ended: Float[Array, " T *E"], gamma: float
) -> tuple[Float[Array, " *E"], Float[Array, " T *E"]]:
    """Running discounted return g_t = gamma * g_{t-1} + r_t, started anew after each episode.

    Returns:
        The carry for the next rollout, and g.
    """

    def step(running: Array, row: tuple[Array, Array]) -> tuple[Array, Array]:
        reward_t, ended_t = row
        running = gamma * running + reward_t
        return running * (1.0 - ended_t), running

    return jax.lax.scan(step, carry, (reward, ended))
