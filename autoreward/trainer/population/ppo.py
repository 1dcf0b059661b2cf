"""One member's PPO update: reward normalisation, advantages, epochs over minibatches. `vmap` makes it a population's.

Source: Schulman et al. 2017, arXiv:1707.06347; details and names as in CleanRL. Unlike CleanRL, termination and
truncation are kept apart: only a terminated state has no future.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Float

from autoreward.records import PPOSettings
from autoreward.trainer.population import policy
from autoreward.trainer.population.heads import Head
from autoreward.trainer.population.policy import Parameters, RunningStats
from autoreward.trainer.population.reward_scale import RewardScale, initial_scale, normalise_rewards

Array = Any


class Member(NamedTuple):
    """All that one member carries from rollout to rollout."""

    parameters: Parameters
    optimiser: Any
    observation_stats: RunningStats  # [O], and what only the value network sees [P]
    reward_scale: RewardScale
    finite: Array  # bool: no update has been refused for not being finite


def actor(member: Member) -> policy.Actor:
    """What acting needs of a member, or of stacked members."""
    return policy.Actor(member.parameters.actor, member.parameters.log_std, member.observation_stats)


class MemberRollout(NamedTuple):
    """One member's rollout."""

    observation: Float[Array, "T E O"]  # not normalised; behind it what only the value network sees
    next_observation: Float[Array, "T E O"]  # before the automatic reset
    action: Float[Array, "T E A"]  # as the policy drew them: unclipped, or one-hot
    noise: Float[Array, "T E A"]  # what they were drawn with; see heads.py
    reward: Float[Array, "T E"]
    terminated: Float[Array, "T E"]  # 0 or 1
    truncated: Float[Array, "T E"]  # 0 or 1


class Batch(NamedTuple):
    """Flat training data `[T * E, ...]`."""

    observation: Array
    action: Array
    log_probability: Array
    advantage: Array
    target: Array


def generalised_advantages(
    reward: Float[Array, " T *E"], value: Float[Array, " T *E"], next_value: Float[Array, " T *E"],
    terminated: Float[Array, " T *E"], truncated: Float[Array, " T *E"], gamma: float, gae_lambda: float,
) -> Float[Array, " T *E"]:  # fmt: skip
    """Generalised advantage estimates.

    Args:
        reward: r_t.
        value: V(s_t).
        next_value: V(s_{t+1}) of the true next state, also where the episode was cut by the time limit.
        terminated: 1 where s_{t+1} ends the MDP: no bootstrap.
        truncated: 1 where the time limit cut the episode: bootstrap, but no trace into the next episode.

    Returns:
        A_t.

    Source: Schulman et al. 2016, arXiv:1506.02438, equation 16.
    """
    # TD error: r_t + gamma * V(s_{t+1}) * (1 - terminated) - V(s_t)
    delta = reward + gamma * next_value * (1.0 - terminated) - value
    trace = gamma * gae_lambda * (1.0 - jnp.maximum(terminated, truncated))

    def step(advantage: Array, row: tuple[Array, Array]) -> tuple[Array, Array]:
        delta_t, trace_t = row
        advantage = delta_t + trace_t * advantage
        return advantage, advantage

    _, advantages = jax.lax.scan(step, jnp.zeros_like(delta[0]), (delta, trace), reverse=True)
    return advantages


def optimiser(settings: PPOSettings) -> Any:
    """Adam with clipped global norm; the learning rate is applied outside, so that it may change."""
    return optax.chain(optax.clip_by_global_norm(settings.max_grad_norm), optax.scale_by_adam(eps=1e-5))


def initial_member(
    rng: Any, observation_size: int, action_size: int, settings: PPOSettings, privileged: int = 0
) -> Member:
    """A member before its first rollout; numpy arrays, as nothing here is worth a compilation."""
    parameters = policy.initial_parameters(
        rng, observation_size, action_size, settings.hidden, settings.log_std_init, privileged
    )
    moments = jax.eval_shape(optimiser(settings).init, parameters)
    return Member(
        parameters=parameters,
        optimiser=jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), moments),  # Adam begins with zeros
        observation_stats=policy.initial_stats((observation_size + privileged,)),
        reward_scale=initial_scale(settings.num_envs),
        finite=np.asarray(True),
    )


def update(
    member: Member, rollout: MemberRollout, order: Array, learning_rate: Array, settings: PPOSettings, gamma: float,
    head: Head,
) -> Member:  # fmt: skip
    """One PPO update from one rollout. A result that is not finite is refused: the member stays as it was.

    Args:
        order: the shuffled transitions, a permutation of 0..T*E-1 for each epoch `[epochs, T * E]`.
    """
    reward, reward_scale = rollout.reward, member.reward_scale
    if settings.norm_reward:
        ended = jnp.maximum(rollout.terminated, rollout.truncated)
        reward, reward_scale = normalise_rewards(reward_scale, reward, ended, gamma)
    batch = _make_batch(member, rollout._replace(reward=reward), settings, gamma, head)
    parameters, moments = _run_epochs(member, batch, order, learning_rate, settings, head)
    stats = member.observation_stats
    if settings.norm_obs:
        stats = policy.update_stats(stats, rollout.observation.reshape(-1, rollout.observation.shape[-1]))
    new = Member(parameters, moments, stats, reward_scale, member.finite)
    finite = jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves((parameters, stats))]))
    kept: Member = jax.tree.map(lambda yes, no: jnp.where(finite, yes, no), new, member)
    return kept._replace(finite=member.finite & finite)


def _make_batch(member: Member, rollout: MemberRollout, settings: PPOSettings, gamma: float, head: Head) -> Batch:
    parameters, stats = member.parameters, member.observation_stats
    observation = policy.normalise(stats, rollout.observation)
    value = policy.value(parameters, observation)
    next_value = policy.value(parameters, policy.normalise(stats, rollout.next_observation))
    advantage = generalised_advantages(
        rollout.reward, value, next_value, rollout.terminated, rollout.truncated, gamma, settings.gae_lambda
    )
    log_probability = head.noise_log_probability(parameters, observation, rollout.action, rollout.noise)
    batch = Batch(observation, rollout.action, log_probability, advantage, advantage + value)
    return Batch(*(array.reshape(-1, *array.shape[2:]) for array in batch))


def _run_epochs(
    member: Member, batch: Batch, order: Array, learning_rate: Array, settings: PPOSettings, head: Head
) -> tuple[Parameters, Any]:
    """`update_epochs` passes over the shuffled batch in `num_minibatches` parts."""
    transform = optimiser(settings)
    # One gather a minibatch is faster than one an array.
    columns = [array.reshape(len(array), -1) for array in batch]
    table = jnp.concatenate(columns, axis=1)
    cuts = np.cumsum([column.shape[1] for column in columns])[:-1]

    def rows_of(rows: Array) -> Batch:
        parts = jnp.split(table[rows], cuts, axis=1)
        return Batch(*(part.reshape(-1, *array.shape[1:]) for part, array in zip(parts, batch, strict=True)))

    def minibatch(carry: Any, rows: Array) -> tuple[Any, Array]:
        parameters, moments, active = carry
        gradient, divergence = jax.grad(_loss, has_aux=True)(parameters, rows_of(rows), settings, head)
        step, new_moments = transform.update(gradient, moments, parameters)
        moved = optax.apply_updates(parameters, jax.tree.map(lambda leaf: -learning_rate * leaf, step))
        if settings.target_kl is not None:
            active = active & (divergence <= 1.5 * settings.target_kl)
            keep = (moved, new_moments), (parameters, moments)
            moved, new_moments = jax.tree.map(lambda yes, no: jnp.where(active, yes, no), *keep)
        return (moved, new_moments, active), divergence

    start = (member.parameters, member.optimiser, jnp.asarray(True))
    minibatches = order.reshape(settings.update_epochs * settings.num_minibatches, -1)
    (parameters, moments, _), _ = jax.lax.scan(minibatch, start, minibatches)
    return parameters, moments


def _loss(parameters: Parameters, batch: Batch, settings: PPOSettings, head: Head) -> tuple[Array, Array]:
    """Clipped surrogate, value error and entropy; also the approximate KL divergence from the rollout's policy."""
    log_ratio = head.log_probability(parameters, batch.observation, batch.action) - batch.log_probability
    ratio = jnp.exp(log_ratio)
    advantage = (batch.advantage - batch.advantage.mean()) / (batch.advantage.std() + 1e-8)
    clipped = jnp.clip(ratio, 1.0 - settings.clip_coef, 1.0 + settings.clip_coef)
    policy_loss = -jnp.minimum(ratio * advantage, clipped * advantage).mean()
    value_loss = 0.5 * jnp.square(policy.value(parameters, batch.observation) - batch.target).mean()
    entropy = head.entropy(parameters, batch.observation)
    loss = policy_loss + settings.vf_coef * value_loss - settings.ent_coef * entropy
    # KL estimate k3 = (ratio - 1) - log ratio; http://joschu.net/blog/kl-approx.html
    return loss, (ratio - 1.0 - log_ratio).mean()
