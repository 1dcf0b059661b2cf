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


def _trajectory(seed: int, label: str, steps: int) -> Arrays:
    time = np.arange(1, steps + 1, dtype=np.float32)
    wave, zigzag, spike = np.cos(time), (-1.0) ** time, np.float32(time == 1)
    return {
        f"c/{seed}/trajectory/{label}/position": np.stack([time / steps, 0 * time, 0.5 * wave], axis=1),
        f"c/{seed}/trajectory/{label}/tilt": 0.1 * zigzag,
        # the first repeats the position; of the other three, one field shows two at most
        f"c/{seed}/trajectory/{label}/joints": np.stack([-time, spike, time % 3, time % 5], axis=1),
        f"c/{seed}/trajectory/{label}/observation": np.stack([time, time], axis=1),
        f"c/{seed}/trajectory/{label}/terms": np.stack([time, time], axis=1),
    }


def arrays_with_trajectories() -> Arrays:
    arrays: Arrays = _trajectory(0, "worst", 3) | _trajectory(1, "best", 100)
    for seed, success in ((0, [0.5, 0.25]), (1, [1.0, 4.0])):
        arrays |= {f"c/{seed}/evaluation_success": np.float32(success), f"c/{seed}/evaluation_progress": np.zeros(2)}
        arrays |= {f"c/{seed}/evaluation_length": np.array([100, 3]) if seed == 0 else np.array([50, 100])}
    for seed in (0, 1):
        arrays |= {f"c/{seed}/{name}": np.float32([[1.0, 3.0]]) for name in ("term_mean", "term_low", "term_high")}
    return arrays


@pytest.fixture
def with_trajectories(env: EnvSpec, member: Callable[..., MemberResult]) -> Analysis:
    arrays = arrays_with_trajectories()
    return analyze_arrays("c", {"fast": 2.0, "cheap": -1.0}, [member(0), member(1)], arrays, env, 4)
