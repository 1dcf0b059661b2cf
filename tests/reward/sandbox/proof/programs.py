"""Small compiled programs for the proof: functions of x [N, 6], v [N] and p [], and of fields [T, N, ...]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import export

from autoreward.reward.sandbox.inspection import inspect_program

HORIZON = 12
Row = Callable[[Any, Any, Any], Any]
Episode = Callable[[Any, Any, Any], Any]


def rules_of_rows(function: Row) -> list[str]:
    """Rules that refuse `function(x, v, p)`, whose result is [N]."""
    inputs = {"p": (), "v": (None,), "x": (None, 6)}

    def run(arrays: dict[str, Any]) -> dict[str, Any]:
        return {"out": jnp.asarray(function(arrays["x"], arrays["v"], arrays["p"])).astype("float32")}

    return _rules(run, inputs, 1)


def rules_of_episodes(function: Episode) -> list[str]:
    """Rules that refuse `function(x, v, valid)`, whose result is [N]; x is [T, N, 3], v and valid are [T, N]."""
    inputs = {"v": (HORIZON, None), "valid": (HORIZON, None), "x": (HORIZON, None, 3)}

    def run(arrays: dict[str, Any]) -> dict[str, Any]:
        return {"out": jnp.asarray(function(arrays["x"], arrays["v"], arrays["valid"])).astype("float32")}

    return _rules(run, inputs, HORIZON)


def _rules(run: Callable[..., Any], inputs: dict[str, tuple[int | None, ...]], rows_times: int) -> list[str]:
    (rows,) = export.symbolic_shape("b")
    structs = {
        name: jax.ShapeDtypeStruct(tuple(rows if size is None else size for size in shape), "float32")
        for name, shape in inputs.items()
    }
    program = bytes(export.export(jax.jit(run, keep_unused=True), platforms=("cpu", "cuda"))(structs).serialize())
    return [finding.rule for finding in inspect_program(program, inputs, {"out": 1}, rows_times)]
