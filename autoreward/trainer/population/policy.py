"""One member's policy and value networks, as pure functions over a tree of arrays; `vmap` makes them a population.

Two separate tanh networks, a state-independent log standard deviation, orthogonal initialisation, as in CleanRL's
continuous-action PPO. The policy works in -1..1; the environment's range is applied where the action is sent out.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Num

from autoreward.environment.declarations import ActionRange
from autoreward.records import OBSERVATION_CLIP, VARIANCE_FLOOR

Array = Any
Layer = tuple[Array, Array]  # weights [inputs, outputs], bias [outputs]


class Network(NamedTuple):
    """Which functions stand between the layers of a policy network, and behind the last one."""

    hidden: Literal["tanh", "relu"] = "tanh"
    last: Literal["none", "tanh"] = "none"


TANH = Network()  # PPO's


class Parameters(NamedTuple):
    """Everything that learns."""

    actor: tuple[Layer, ...]
    critic: tuple[Layer, ...]
    log_std: Array  # [A]


class RunningStats(NamedTuple):
    """Running mean and variance over all data so far."""

    mean: Array
    var: Array
    count: Array


class Actor(NamedTuple):
    """What acting needs of a member."""

    layers: tuple[Layer, ...]
    log_std: Array  # [A]
    observation_stats: RunningStats  # [O], then those of what value networks see in addition [P]


def initial_parameters(
    rng: Any, observation_size: int, action_size: int, hidden: tuple[int, ...], log_std: float, privileged: int = 0
) -> Parameters:
    """Fresh networks; the last policy layer is small, so that the first actions are near zero.

    The value network takes `privileged` more numbers than the policy, behind the observation.

    Made in numpy: a batched QR inside a jitted program can wait for itself forever in a pool of two threads.
    """
    return Parameters(
        actor=_layers(rng, (observation_size, *hidden, action_size), last_gain=0.01),
        critic=_layers(rng, (observation_size + privileged, *hidden, 1), last_gain=1.0),
        log_std=np.full((action_size,), log_std, np.float32),
    )


def initial_stats(shape: tuple[int, ...]) -> RunningStats:
    """Mean 0, variance 1, nearly no weight."""
    return RunningStats(np.zeros(shape, np.float32), np.ones(shape, np.float32), np.asarray(1e-4, np.float32))


def update_stats(stats: RunningStats, batch: Float[Array, " B *shape"]) -> RunningStats:
    """Merge a batch into the running mean and variance.

    Source: Chan, Golub, LeVeque 1979, parallel variance.
    """
    mean, var, count = batch.mean(axis=0), batch.var(axis=0), batch.shape[0]
    total = stats.count + count
    delta = mean - stats.mean
    # M2 = M2_a + M2_b + delta^2 * n_a * n_b / n
    moment = stats.var * stats.count + var * count + delta**2 * stats.count * count / total
    return RunningStats(stats.mean + delta * count / total, moment / total, total)


def normalise(stats: RunningStats, observation: Num[Array, "*B O"]) -> Float[Array, "*B O"]:
    """Observations with zero mean and unit variance, clipped to +-10; further statistics are of what stands behind."""
    size = observation.shape[-1]
    if stats.mean.shape[-1] != size:
        stats = RunningStats(stats.mean[..., :size], stats.var[..., :size], stats.count)
    scaled = (observation - stats.mean) / jnp.sqrt(stats.var + VARIANCE_FLOOR)
    return jnp.clip(scaled, -OBSERVATION_CLIP, OBSERVATION_CLIP)


def action_mean(parameters: Parameters, observation: Float[Array, "*B O"]) -> Float[Array, "*B A"]:
    """Mean action for normalised observations; what stands behind what the policy sees is not for it."""
    size = parameters.actor[0][0].shape[-2]
    return _network(parameters.actor, observation if observation.shape[-1] == size else observation[..., :size])


def mean_action(actor: Actor, observation: Num[Array, "*B O"], network: Network = TANH) -> Float[Array, "*B A"]:
    """Mean action for observations as the environment gives them."""
    return _network(actor.layers, normalise(actor.observation_stats, observation), network)


def value(parameters: Parameters, observation: Float[Array, "*B O"]) -> Float[Array, "*B"]:
    """Value for normalised observations."""
    return _network(parameters.critic, observation)[..., 0]


def log_probability(
    parameters: Parameters, observation: Float[Array, "*B O"], action: Float[Array, "*B A"]
) -> Float[Array, "*B"]:
    """Log density of the unclipped actions under the Gaussian policy."""
    noise = (action - action_mean(parameters, observation)) * jnp.exp(-parameters.log_std)
    return noise_log_probability(parameters, noise)


def noise_log_probability(parameters: Parameters, noise: Float[Array, "*B A"]) -> Float[Array, "*B"]:
    """Log density of the actions mean + std * noise; where they were taken is no matter."""
    # log N = -z^2 / 2 - log sigma - log(2 pi) / 2, summed over the actions
    return jnp.sum(-0.5 * noise**2 - parameters.log_std - 0.5 * math.log(2.0 * math.pi), axis=-1)


def entropy(parameters: Parameters) -> Float[Array, ""]:
    """Entropy of the Gaussian policy; the same in every state."""
    return jnp.sum(parameters.log_std + 0.5 * math.log(2.0 * math.pi * math.e))


def scale_action(action: Float[Array, "*B A"], actions: ActionRange) -> Float[Array, "*B A"]:
    """Policy actions clipped to -1..1 and scaled to the environment's range; as they are where it has none."""
    free = actions.free
    low, high = np.where(free, -1.0, actions.low), np.where(free, 1.0, actions.high)
    middle, half = (high + low) / 2.0, (high - low) / 2.0
    scaled = middle + half * jnp.clip(action, -1.0, 1.0)
    return jnp.where(free, jnp.clip(action, actions.low, actions.high), scaled) if free.any() else scaled


def _layers(rng: Any, sizes: tuple[int, ...], last_gain: float) -> tuple[Layer, ...]:
    layers = []
    for index, (inputs, outputs) in enumerate(pairwise(sizes)):
        gain = last_gain if index == len(sizes) - 2 else math.sqrt(2.0)
        weights = (gain * _orthogonal(rng, inputs, outputs)).astype(np.float32)
        layers.append((weights, np.zeros(outputs, np.float32)))
    return tuple(layers)


def _orthogonal(rng: Any, rows: int, columns: int) -> Float[np.ndarray, "rows columns"]:
    """A random matrix with orthonormal rows or columns, whichever are fewer.

    Source: Saxe, McClelland, Ganguli 2014, arXiv:1312.6120.
    """
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diagonal(r))  # uniform over all orthogonal matrices
    return np.asarray(q if rows >= columns else q.T)


def _network(
    layers: tuple[Layer, ...], x: Float[Array, "*B inputs"], network: Network = TANH
) -> Float[Array, "*B outputs"]:
    between = jnp.tanh if network.hidden == "tanh" else _relu
    for weights, bias in layers[:-1]:
        x = between(x @ weights + bias)
    weights, bias = layers[-1]
    outputs = x @ weights + bias
    return jnp.tanh(outputs) if network.last == "tanh" else outputs


def _relu(x: Float[Array, "*B n"]) -> Float[Array, "*B n"]:
    return jnp.maximum(x, 0.0)
