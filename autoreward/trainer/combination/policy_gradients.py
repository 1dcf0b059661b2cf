"""Advantages of terms and of the task's progress, and what an update by one does to the other."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Float

from autoreward.trainer.population import policy
from autoreward.trainer.population.heads import Head

Array = Any


class Seen(NamedTuple):
    """A rollout of m members with E environments each, as gradients need it."""

    members: Any  # ppo.Member [m]: as they were in the rollout
    observation: Float[Array, "T m E O"]
    action: Float[Array, "T m E A"]
    paid: Float[Array, "T m E K"]  # the terms, or the progress alone
    over: Float[Array, "T m E"]


@partial(jax.jit, static_argnames=("gamma",))
def advantages(paid: Float[Array, " T *E K"], over: Float[Array, " T *E"], gamma: float) -> Float[Array, " T *E K"]:
    """Discounted sums of what is still to come in the rollout, less their mean over the last axis of environments.

    Args:
        over: 1.0 where an episode ended with the step.
    """

    def step(to_come: Array, row: tuple[Array, Array]) -> tuple[Array, Array]:
        now, ended = row
        to_come = now + gamma * (1.0 - ended[..., None]) * to_come
        return to_come, to_come

    _, sums = jax.lax.scan(step, jnp.zeros_like(paid[0]), (paid, over), reverse=True)
    return sums - sums.mean(axis=-2, keepdims=True)


@partial(jax.jit, static_argnames=("head", "gamma"))
def alignments(inner: Seen, outer: Seen, head: Head, gamma: float) -> Float[Array, "m K"]:
    """How much more progress the policies make after an update that is paid a little more of each term.

    d J(theta') / d w_k with theta' = theta + rate * P * sum_t grad log pi(a_t | s_t) * A_k,t, the update of one epoch
    that is not clipped; P is what Adam divides by, and rate is left out. J is the progress in the rollout after the
    update, so none of its steps was learned from. As the sum over t is linear in A_k, one derivative of log pi in the
    direction P * grad J (`jax.jvp`) gives all K.

    Args:
        inner: the rollout that is learned from, with the terms.
        outer: the one after it, with the progress.

    Source: Gupta et al. 2023, "Behavior Alignment via Reward Function Optimization" (BARFI), arXiv:2310.19007, its
        outer objective; the truncated gradient in place of the implicit one is that of Zheng et al. 2018,
        "On learning intrinsic rewards for policy gradient methods", arXiv:1804.06459.
    """

    def gains_of_member(inner: Seen, outer: Seen) -> Array:
        """What each term has done for the progress of one member [K]."""
        wanted = advantages(outer.paid, outer.over, gamma)[..., 0]

        def objective(parameters: policy.Parameters) -> Array:
            seen = policy.normalise(outer.members.observation_stats, outer.observation)
            return (head.log_probability(parameters, seen, outer.action) * wanted).mean()

        gradient = jax.grad(objective)(outer.members.parameters)
        direction = jax.tree.map(_preconditioned, gradient, inner.members.optimiser[1].nu)
        seen = policy.normalise(inner.members.observation_stats, inner.observation)

        def densities(parameters: policy.Parameters) -> Array:
            return head.log_probability(parameters, seen, inner.action)

        _, change = jax.jvp(densities, (inner.members.parameters,), (direction,))
        return (change[..., None] * advantages(inner.paid, inner.over, gamma)).mean(axis=(0, 1))

    axes = Seen(0, 1, 1, 1, 1)
    return jax.vmap(gains_of_member, in_axes=(axes, axes))(inner, outer)


def _preconditioned(gradient: Array, squares: Array) -> Array:
    """Divided by what Adam divides by; nothing where it has seen nothing yet."""
    return jnp.where(squares > 0.0, gradient / (jnp.sqrt(squares) + 1e-5), 0.0)
