"""Candidates with what they recorded, for the tests that compare two of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autoreward.analyzer import CandidateRecordings, Relative
from autoreward.recordings import unflatten
from autoreward.records import CompiledReward, MemberResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAN = float("nan")


def relative(
    name: str, weights: Mapping[str, float], *, digest: str = "d", params: Mapping[str, float] | None = None,
    potential: bool = False, curves: Mapping[int, list[float]] | None = None, source: str = "",
    means: Mapping[int, list[list[float]]] | None = None, success: Mapping[int, float] | None = None,
) -> Relative:  # fmt: skip
    reward = CompiledReward(
        weights=weights, params=params or {}, has_potential=potential, inputs=(), program=b"", digest=digest
    )
    arrays: dict[str, NDArray[Any]] = {}
    for seed, curve in (curves or {}).items():
        arrays[f"{name}/{seed}/own_return"] = np.float32(curve)
    for seed, mean in (means or {}).items():
        arrays[f"{name}/{seed}/term_mean"] = np.float32(mean)
        arrays[f"{name}/{seed}/steps"] = np.arange(1, len(mean) + 1) * 10
    seeds = sorted({*(curves or {}), *(means or {}), *(success or {})}) or [0]
    members = [
        MemberResult(
            candidate=name, seed=seed, status="trained", success=(success or {}).get(seed), progress=0.5, length=100.0
        )
        for seed in seeds
    ]
    recordings = unflatten(arrays, {name: tuple(weights)})
    return Relative(
        source, reward, weights, CandidateRecordings.of_candidate(name, members, recordings, tuple(weights))
    )


PARENT = '''"""Runs."""
WEIGHTS = {"speed": 1.0, "level": 0.5, "effort": -0.1}
PARAMS = {"width": 0.3}


def squash(x):
    """Into one."""
    return jnp.tanh(x)


def reward_terms(state, action, next_state, params):
    tilt = next_state.tilt / params["width"]
    return {
        "speed": squash(next_state.speed),
        "level": jnp.exp(-tilt * tilt),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
'''
