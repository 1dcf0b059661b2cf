from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.analyzer import analyze
from autoreward.recordings import unflatten
from autoreward.records import Analysis, EnvSpec, FieldSpec, MemberResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]
STEPS = 100_000
EPISODES = 200


def analyze_arrays(
    candidate: str, weights: Mapping[str, float], members: Sequence[MemberResult], arrays: Arrays, env: EnvSpec,
    n_timesteps: int,
) -> Analysis:  # fmt: skip
    """An analysis of recordings that are given as flat arrays, with the terms in the order of the weights."""
    return analyze(candidate, weights, members, unflatten(arrays, {candidate: tuple(weights)}), env, n_timesteps)


@pytest.fixture
def env() -> EnvSpec:
    return EnvSpec(
        name="toy",
        title="a toy",
        description="A cart on a rail.",
        fields=(
            FieldSpec(name="position", shape=(3,), unit="m", meaning="p", components=("x", "y", "z"), low=-1, high=1),
            FieldSpec(name="tilt", unit="rad", meaning="t", low=-0.5, high=0.5),
            FieldSpec(name="joints", shape=(4,), unit="rad", meaning="j"),
            FieldSpec(name="observation", shape=(2,), meaning="o"),
        ),
        action_size=1,
        action_low=(-1.0,),
        action_high=(1.0,),
        action_meaning="force",
        observation_size=2,
        horizon=100,
        control_period=0.1,
        gamma=0.99,
        termination="never",
    )


@pytest.fixture
def episodes() -> Callable[..., Arrays]:
    """Finished training episodes of one member, one every 500 steps: each quantity as a function of time in [0, 1]."""

    def make(seed: int = 0, **quantities: Callable[[NDArray[Any]], NDArray[Any]]) -> Arrays:
        time = np.arange(1, EPISODES + 1) / EPISODES
        arrays = {name: np.asarray(function(time) + 0 * time, np.float32) for name, function in quantities.items()}
        arrays["step"] = (time * STEPS).astype(np.int64)
        return {f"c/{seed}/episodes_{name}": array for name, array in arrays.items()}

    return make


@pytest.fixture
def member() -> Callable[..., MemberResult]:
    """A trained member of candidate `c`."""

    def make(seed: int = 0, **changes: Any) -> MemberResult:
        facts: Mapping[str, Any] = {"status": "trained", "success": 1.0, "progress": 0.5, "length": 100.0} | changes
        return MemberResult(candidate="c", seed=seed, **facts)

    return make
