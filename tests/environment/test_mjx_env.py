"""MJX beside the C simulation: from 64 random states, 20 control steps, every field, observation, termination, memory.

Each step starts from the C simulation's own state: left alone, contact dynamics double a difference every few steps.
What is compared is float32 against float64. So positions [m], angles [rad] and unit vectors agree to some 1e-7, mean
velocities to that over the control period (2e-7 m / 0.008 s = 3e-5 m/s), and velocities to what the constraint solver
leaves: it stops when float32 shows no more improvement, which under hard contacts is 1e-3 of the joint velocities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.environment.mjx_env import MjxEnv, MjxState, Row
from autoreward.environment.pack import Noise, Pack, load_pack, pack_names
from autoreward.environment.random_rollout import draw_actions, draw_noise
from autoreward.environment.simulation.mjx_simulation import Physics
from autoreward.environment.vector_env import Rollout, VectorEnv
from tests.thorough import packs

ENVS, WARM_UP, STEPS = 64, 30, 20
TOLERANCE = {"m": 5e-5, "rad": 5e-5, "1": 5e-5, "s": 1e-6, "m/s": 5e-4, "rad/s": 5e-3}  # by unit
MEMORY_TOLERANCE = 5e-4  # positions, times, mean velocities
OBSERVATION_TOLERANCE = 5e-3  # positions and joint velocities
# The share of transitions that may differ by more. Of ant it is a third: where a shin is steep, MJX turns the friction
# pyramid of its contact about the normal, on jax as on Warp. With elliptic friction cones, which have no such
# direction, both agree in every transition. In all other environments none differs.
UNLIKE = {"ant": 0.4}


@dataclass(frozen=True)
class Compared:
    """Both sides of STEPS x ENVS transitions."""

    pack: Pack
    env: VectorEnv
    rollout: Rollout
    rows: Row  # [STEPS, ENVS, ...]
    fields: Mapping[str, Any]
    restarted: Any  # [STEPS, ENVS, O] the observation that the next action answers


def c_rollout(pack: Pack) -> tuple[VectorEnv, Rollout, list[Noise]]:
    """Random actions; the noise of each step's resets."""
    env = VectorEnv(pack, ENVS, num_threads=1)
    rng = np.random.default_rng(5)
    env.reset(draw_noise(rng, ENVS, env.noise_size))
    rollout, drawn = env.new_rollout(WARM_UP + STEPS + 1), []
    for t in range(WARM_UP + STEPS + 1):
        drawn.append(draw_noise(rng, ENVS, env.noise_size))
        env.step(draw_actions(rng, env.actions, ENVS), rollout, t, drawn[-1])
    env.finish(rollout)
    return env, rollout, drawn


def state_at(rollout: Rollout, t: int) -> MjxState:
    """The C simulation's state before step t, without what its solver remembers."""

    def taken(arrays: Mapping[str, Any]) -> dict[str, Any]:
        return {name: jnp.asarray(array[t], jnp.float32) for name, array in arrays.items()}

    arrays = taken(rollout.before)
    return MjxState(
        physics=Physics(arrays, jnp.zeros_like(arrays["qvel"]), jnp.zeros((ENVS, 0), jnp.float32)),
        elapsed=jnp.asarray(rollout.elapsed[t]),
        previous_action=jnp.asarray(rollout.previous_action[t]),
        memory=taken(rollout.memory_before),
        observation=jnp.asarray(rollout.observation[t]),
    )


def compared(name: str, impl: str = "jax") -> Compared:
    pack = load_pack(name)
    env, rollout, drawn = c_rollout(pack)
    mjx_env = MjxEnv(pack, impl=impl)

    @jax.jit
    def step(state: MjxState, action: Any, uniform: Any, normal: Any) -> tuple[MjxState, Row]:
        return mjx_env.step(state, action, Noise(uniform, normal))

    made = []
    for t in range(WARM_UP, WARM_UP + STEPS):
        noise = (jnp.asarray(drawn[t].uniform, jnp.float32), jnp.asarray(drawn[t].normal, jnp.float32))
        after, row = step(state_at(rollout, t), jnp.asarray(rollout.action[t]), *noise)
        made.append((row, after.observation))
    rows, restarted = jax.tree.map(lambda *leaves: np.stack(leaves), *made)
    return Compared(pack, env, rollout, rows, mjx_env.fields(rows, after=True), restarted)


def unlike(ours: Any, theirs: Any, tolerance: float) -> float:
    """The share of transitions `[STEPS, ENVS, ...]` that differ by more than `tolerance`."""
    ours, theirs = (np.asarray(array, np.float64).reshape(STEPS * ENVS, -1) for array in (ours, theirs))
    return float((np.abs(ours - theirs).max(axis=1) > tolerance).mean())


@pytest.mark.parametrize("name", packs(pack_names()))
def test_mjx_agrees_with_the_c_simulation(name: str) -> None:
    check_agreement(compared(name), UNLIKE.get(name, 0.0))


@pytest.mark.warp
@pytest.mark.thorough  # compiles its kernels for half a minute, for a device on which nobody trains with it
@pytest.mark.parametrize("name", ["half_cheetah", "inverted_pendulum", "ant", "humanoid"])
def test_warp_agrees_with_the_c_simulation(name: str) -> None:
    check_agreement(compared(name, "warp"), UNLIKE.get(name, 0.0))


def check_agreement(both: Compared, allowed: float) -> None:
    """All but the share `allowed` of the transitions are the same on both sides."""
    part = slice(WARM_UP, WARM_UP + STEPS)
    units = {field.name: field.unit for field in both.pack.fields_declared} | {"time": "s"}
    theirs = {name: array[part] for name, array in both.env.fields(both.rollout, after=True).items()}
    assert both.fields.keys() == theirs.keys()
    for field, array in both.fields.items():
        tolerance = TOLERANCE[units[field]] if field in units else OBSERVATION_TOLERANCE
        assert unlike(array, theirs[field], tolerance) <= allowed, field
    for entry, array in both.rows["memory_after"].items():
        assert unlike(array, both.rollout.memory_after[entry][part], MEMORY_TOLERANCE) <= allowed, entry
    for flag in ("terminated", "truncated", "diverged"):
        np.testing.assert_array_equal(both.rows[flag], getattr(both.rollout, flag)[part], err_msg=flag)
    following = both.rollout.observation[WARM_UP + 1 : WARM_UP + STEPS + 1]  # after the automatic reset
    assert unlike(both.restarted, following, OBSERVATION_TOLERANCE) <= allowed
