"""Compiled programs as the trainer calls them: pure numeric functions, jitted, float32, nothing of their source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, export

from autoreward.records import PARAMS_PREFIX, CompiledMetric, CompiledReward


class RewardProgram:
    """A reward as a function on flat batches.

    Attributes:
        term_names: names of the terms, in the order of the last axis.
        inputs: flat names of the arrays it takes, without the parameters.
    """

    def __init__(self, compiled: CompiledReward) -> None:
        self.term_names: tuple[str, ...] = compiled.term_names
        self.inputs: tuple[str, ...] = tuple(name for name in compiled.inputs if not name.startswith(PARAMS_PREFIX))
        self._params = dict(compiled.params)
        self._call = jax.jit(export.deserialize(bytearray(compiled.program)).call)

    def __call__(
        self, arrays: Mapping[str, Any], params: Mapping[str, float] | None = None
    ) -> tuple[Array, Array, Array]:
        """Evaluate all terms and the potential.

        Args:
            arrays: at least `inputs`, each [N, ...]; others are ignored.
            params: values that replace the program's own PARAMS.

        Returns:
            Unweighted terms [N, K], Phi(s) [N] and Phi(s') [N], float32; zeros where there is no potential.
        """
        given = {name: jnp.asarray(arrays[name], jnp.float32) for name in self.inputs}
        values = self._params | dict(params or {})
        given |= {f"{PARAMS_PREFIX}{name}": jnp.float32(values[name]) for name in self._params}
        outputs = self._call(given)
        terms = outputs["terms"]
        zeros = jnp.zeros(terms.shape[:1], jnp.float32) if "phi_state" not in outputs else None
        return terms, outputs.get("phi_state", zeros), outputs.get("phi_next", zeros)


class MetricProgram:
    """A success metric as a function on `[T, N]` trajectories.

    It never sees what stands behind the end of an episode: whatever was recorded there, also NaN of a simulation that
    diverged, is replaced by zeros.

    Attributes:
        inputs: names of the arrays it takes.
        horizon: T.
    """

    def __init__(self, compiled: CompiledMetric) -> None:
        self.inputs: tuple[str, ...] = compiled.inputs
        self.horizon: int = compiled.horizon
        call: Any = export.deserialize(bytearray(compiled.program)).call
        self._call = jax.jit(lambda arrays: call(without_padding(arrays)))

    def __call__(self, arrays: Mapping[str, Any]) -> tuple[Array, Array]:
        """Evaluate the metric.

        Args:
            arrays: at least `inputs`: fields [T, N, ...] and `valid` [T, N], true where the step belongs to the
                episode.

        Returns:
            success [N] and progress [N], float32.
        """
        outputs = self._call({name: jnp.asarray(arrays[name], jnp.float32) for name in self.inputs})
        return outputs["success"], outputs["progress"]


def without_padding(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Fields [T, N, ...] with zeros where `valid` [T, N] is 0."""
    valid = arrays["valid"]

    def masked(array: Array) -> Array:
        return jnp.where(jnp.reshape(valid > 0, valid.shape + (1,) * (array.ndim - 2)), array, 0.0)

    return {name: masked(array) for name, array in arrays.items()}
