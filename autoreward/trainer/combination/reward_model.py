"""Learned rewards f(z) of the terms of one step: linear, or a network; their losses, and Adam.

A term is seen in standard deviations, z = t / scale, so its unit makes no difference; f is in deviations of what it is
fitted to. Where a deviation changes as policies improve, the parameters are changed with it and f stays the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Float
from numpy.typing import NDArray

Array = Any


class RewardModel(NamedTuple):
    """f(t) = layers(t / scale); of m members, every array has the member axis first."""

    scale: Float[Array, "m K"]  # of the terms; 0: a constant term, which is not looked at
    layers: tuple[tuple[Array, Array], ...]  # weights [in, out] and bias [out]; one layer: linear, its bias not paid


def initial_model(rng: Any, terms: int, hidden: Sequence[int]) -> RewardModel:
    """Of one member; linear and paying nothing where there are no hidden layers."""
    sizes = (terms, *hidden, 1)
    layers = []
    for rows, columns in pairwise(sizes):
        size = np.sqrt(2.0 / rows) if hidden else 0.0
        layers.append((np.float32(size * rng.standard_normal((rows, columns))), np.zeros(columns, np.float32)))
    return RewardModel(np.zeros(terms, np.float32), tuple(layers))


def apply_model(model: RewardModel, terms: Float[Array, " *batch K"], paid: bool = False) -> Float[Array, " *batch"]:
    """f of one member.

    Args:
        paid: without the constant of a linear f: it tells no states apart, and weights have no place for it.
    """
    hidden = jnp.where(model.scale > 0.0, terms / jnp.where(model.scale > 0.0, model.scale, 1.0), 0.0)
    for weights, bias in model.layers[:-1]:
        hidden = jax.nn.relu(hidden @ weights + bias)
    weights, bias = model.layers[-1]
    linear = len(model.layers) == 1
    return (hidden @ weights)[..., 0] + (0.0 if linear and paid else bias[0])


def rescaled(model: RewardModel, scale: Float[np.ndarray, " K"], unit: float) -> RewardModel:
    """The same f over another scale of the terms, in another unit: `unit` is the old one in the new.

    A term that was constant before starts with what its parameters are.
    """
    first, bias = model.layers[0]
    ratio = np.where(model.scale > 0.0, scale / np.where(model.scale > 0.0, model.scale, 1.0), 1.0)
    layers = [(first * ratio[:, None].astype(np.float32), bias), *model.layers[1:]]
    last, bias = layers[-1]
    layers[-1] = (np.float32(last * unit), np.float32(bias * unit))
    return RewardModel(np.asarray(scale, np.float32), tuple(layers))


def weights_of(model: RewardModel, terms: Float[np.ndarray, "N K"]) -> Float[np.ndarray, " K"]:
    """How much f pays for a little more of each term: exactly for a linear one, else the mean over some steps."""
    if len(model.layers) == 1:
        scale = np.asarray(model.scale)
        slope = np.asarray(model.layers[0][0])[:, 0] / np.where(scale > 0.0, scale, 1.0)
        return np.asarray(np.where(scale > 0.0, slope, 0.0), np.float32)
    return np.asarray(_mean_slopes(model, terms))


@jax.jit
def _mean_slopes(model: RewardModel, terms: Array) -> Array:
    return jax.grad(lambda t: apply_model(model, t).sum())(terms).mean(axis=0)


@jax.jit
def pay_by_model(model: RewardModel, terms: Float[Array, "T n K"]) -> Float[Array, "T n"]:
    """What m members with n environments are paid, each by its own model."""
    members = model.scale.shape[0]
    by_member = terms.reshape(len(terms), members, -1, terms.shape[-1])
    paid = jax.vmap(partial(apply_model, paid=True), in_axes=(0, 1), out_axes=1)(model, by_member)
    return paid.reshape(terms.shape[:2])


# --- Fitting ---------------------------------------------------------------------------------------------------


class Fitted(NamedTuple):
    """A model, and what its optimiser remembers."""

    model: RewardModel
    optimiser: Any


@partial(jax.jit, static_argnames=("rate",))
def fit_returns(fitted: Fitted, terms: Float[Array, "S B W K"], target: Float[Array, "S B"], rate: float) -> Fitted:
    """S steps of Adam on (target - mean over the W sampled steps of f)^2, the mean over B episodes.

    Args:
        target: the return of each episode by its length.

    Source: Qu et al. 2025, "Latent Reward", arXiv:2412.11120, with the random sampling of Ren et al. 2022,
        "Randomized return decomposition", arXiv:2111.13485, equation 7.
    """

    def loss(model: RewardModel, batch: tuple[Array, Array]) -> Array:
        steps, wanted = batch
        return jnp.square(wanted - apply_model(model, steps).mean(axis=-1)).mean()

    return _adam(fitted, loss, (terms, target), rate)


@partial(jax.jit, static_argnames=("rate",))
def fit_preferences(
    fitted: Fitted, better: Float[Array, "S B W K"], worse: Float[Array, "S B W K"],
    inside: Float[Array, "S B 2 W"], rate: float,
) -> Fitted:  # fmt: skip
    """S steps of Adam on -log sigmoid(F(better) - F(worse)), F the sum of f over a segment, by W.

    Args:
        inside: 1.0 where a step belongs to the segment, of both; a pair of nothing counts nothing.

    Source: Bukharin et al. 2023, "HERON", arXiv:2309.02632: Bradley-Terry on pairs ordered by ranked factors.
    """

    def loss(model: RewardModel, batch: tuple[Array, Array, Array]) -> Array:
        first, second, seen = batch
        sums = [
            (apply_model(model, steps) * seen[:, place]).mean(axis=-1) for place, steps in enumerate((first, second))
        ]
        counted = seen.max(axis=(1, 2))
        return (jax.nn.softplus(sums[1] - sums[0]) * counted).sum() / jnp.maximum(counted.sum(), 1.0)

    return _adam(fitted, loss, (better, worse, inside), rate)


def start_optimiser(model: RewardModel) -> Any:
    """Adam that remembers nothing."""
    return optax.scale_by_adam().init(model.layers)


def _adam(fitted: Fitted, loss: Any, batches: Any, rate: float) -> Fitted:
    transform = optax.scale_by_adam()

    def step(carry: Fitted, batch: Any) -> tuple[Fitted, None]:
        def of_layers(layers: Any) -> Array:
            return loss(carry.model._replace(layers=layers), batch)

        gradient = jax.grad(of_layers)(carry.model.layers)
        change, moments = transform.update(gradient, carry.optimiser)
        layers = jax.tree.map(lambda old, moved: old - rate * moved, carry.model.layers, change)
        return Fitted(carry.model._replace(layers=layers), moments), None

    return jax.lax.scan(step, fitted, batches)[0]


def stack_models(models: Sequence[RewardModel]) -> RewardModel:
    """Those of m members as one [m, ...]."""
    stacked: RewardModel = jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *models)
    return stacked


def model_arrays(model: RewardModel) -> dict[str, NDArray[Any]]:
    """One member's as plain arrays by name."""
    arrays = {"scale": np.asarray(model.scale)}
    for index, (weights, bias) in enumerate(model.layers):
        arrays |= {f"weights_{index}": np.asarray(weights), f"bias_{index}": np.asarray(bias)}
    return arrays


def is_finite(model: RewardModel) -> bool:
    """Whether all its numbers are."""
    return all(bool(np.isfinite(np.asarray(leaf)).all()) for leaf in jax.tree.leaves(model))
