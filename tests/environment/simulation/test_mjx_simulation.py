"""MJX behind the seam: what a step does beside the physics, on a pendulum with a goal that each episode draws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.environment.mjx_env import MjxEnv, MjxState
from autoreward.environment.pack import MjxChanges, Noise, Pack, load_pack
from autoreward.environment.simulation.mjx_simulation import MjxSimulation, load_mjx_model, mjx_problem
from autoreward.environment.simulation.model import load_model
from autoreward.errors import EnvironmentFailedError
from autoreward.records import RandomisedRange

ENVS = 4
HORIZON = 6


def pendulum_with_goal() -> Pack:
    """The goal is drawn by a random number beyond those of qpos and qvel, and is seen."""
    plain = load_pack("inverted_pendulum")

    def reset(xp: Any, start: Any, noise: Any) -> tuple[Any, ...]:
        return (*plain.reset(xp, start, noise), {"goal": noise.uniform[..., 4]})

    def memory(xp: Any, previous: Any, data: Any, action: Any) -> dict[str, Any]:
        zero = xp.zeros_like(data.qpos[..., 0])
        if previous is None:
            return {"goal": zero, "steps": zero}
        return {"goal": previous["goal"], "steps": previous["steps"] + 1.0}

    def observation(xp: Any, data: Any, memory: Any) -> Any:
        return xp.concatenate([plain.observation(xp, data, memory), memory["goal"][..., None]], axis=-1)

    return replace(
        plain, reset=reset, memory=memory, observation=observation, observation_size=5, memory_in_step=True,
        extra_noise=1, action_range=((-0.5, 1.0),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def env() -> MjxEnv:
    return MjxEnv(pendulum_with_goal(), horizon=HORIZON)


@pytest.fixture(scope="module")
def step(env: MjxEnv) -> Any:
    return jax.jit(lambda state, action, noise: env.step(state, action, Noise(noise, noise)))


def noise_of(goal: float) -> Any:
    """A pole that starts upright and at rest, and this goal."""
    return jnp.zeros((ENVS, 5)).at[:, 4].set(goal)


def start(env: MjxEnv, goal: float = 0.25) -> MjxState:
    return jax.jit(lambda noise: env.reset(Noise(noise, noise)))(noise_of(goal))


@pytest.mark.thorough
def test_what_a_reset_draws_is_seen_until_the_next_reset(env: MjxEnv, step: Any) -> None:
    state = start(env)
    np.testing.assert_array_equal(state.observation[:, 4], 0.25)
    assert env.noise_size == 5
    assert (env.actions.low.tolist(), env.actions.high.tolist()) == ([-0.5], [1.0])
    for t in range(HORIZON):
        state, row = step(state, jnp.zeros((ENVS, 1)), noise_of(-0.5))
        np.testing.assert_array_equal(row["next_observation"][:, 4], 0.25)
        np.testing.assert_array_equal(row["memory_after"]["steps"], t + 1.0)
        np.testing.assert_array_equal(row["elapsed"], t)
        assert bool(row["truncated"].all()) == (t + 1 == HORIZON)
    np.testing.assert_array_equal(state.observation[:, 4], -0.5)
    np.testing.assert_array_equal(state.memory["steps"], 0.0)
    np.testing.assert_array_equal(state.elapsed, 0)


@pytest.mark.thorough
def test_a_diverged_simulation_ends_the_episode_and_keeps_the_last_sound_state(env: MjxEnv, step: Any) -> None:
    action = jnp.zeros((ENVS, 1)).at[1].set(jnp.nan)
    after, row = step(start(env), action, noise_of(0.0))
    assert row["diverged"].tolist() == row["truncated"].tolist() == [False, True, False, False]
    assert not row["terminated"].any()
    np.testing.assert_array_equal(row["after"]["qpos"][1], row["before"]["qpos"][1])
    assert after.elapsed.tolist() == [1, 0, 1, 1]
    assert bool(jnp.isfinite(after.observation).all())
    np.testing.assert_array_equal(after.previous_action, 0.0)


@pytest.mark.thorough
def test_others_are_bit_identical_beside_a_diverged_simulation(env: MjxEnv, step: Any) -> None:
    action = jnp.full((ENVS, 1), 0.7)
    _, with_sound = step(start(env), action, noise_of(0.0))
    _, with_broken = step(start(env), action.at[1].set(jnp.nan), noise_of(0.0))
    for name, array in with_sound["after"].items():
        np.testing.assert_array_equal(np.delete(array, 1, axis=0), np.delete(with_broken["after"][name], 1, axis=0))


@pytest.mark.thorough
def test_fields_have_the_framework_s_among_them(env: MjxEnv, step: Any) -> None:
    _, row = step(start(env), jnp.full((ENVS, 1), 0.7), noise_of(0.0))
    fields = env.fields(row, after=True)
    np.testing.assert_allclose(fields["time"], 0.04)
    np.testing.assert_allclose(fields["last_action"], 0.7)
    np.testing.assert_array_equal(fields["terminated"], 0.0)
    np.testing.assert_array_equal(env.fields(row, after=False)["last_action"], 0.0)


def test_a_model_that_mjx_cannot_run_is_named_with_the_cure() -> None:
    pack = load_pack("humanoid")
    assert load_mjx_model(pack).opt.solver != load_model(pack).opt.solver
    unchanged = replace(pack, mjx=None)
    problem = mjx_problem(unchanged)
    assert problem is not None and "mjSOL_PGS" in problem
    with pytest.raises(EnvironmentFailedError, match="MJX cannot run this model"):
        MjxEnv(unchanged)


def test_an_array_that_mjx_does_not_have_is_named() -> None:
    model = load_model(load_pack("inverted_pendulum"))
    with pytest.raises(EnvironmentFailedError, match="reads cacc_of_nothing, which MJX does not have"):
        MjxSimulation(model, ("qpos", "qvel", "cacc_of_nothing"), 1)


def test_changes_are_applied() -> None:
    changes = MjxChanges("a test", solver="cg", iterations=7, ls_iterations=3, zero_margin=True)
    model = load_mjx_model(replace(load_pack("ant"), mjx=changes))
    assert (model.opt.iterations, model.opt.ls_iterations, model.geom_margin.max()) == (7, 3, 0.0)


@pytest.mark.parametrize("stated", ['dict(solver="newton")', 'dict(reason="why", solver="pgs")', "dict(margin=1)"])
def test_a_wrong_statement_in_a_pack_is_refused(stated: str, tmp_path: Path) -> None:
    source = (load_pack("half_cheetah").folder / "pack.py").read_text()
    (tmp_path / "pack.py").write_text(source + f"\nMJX = {stated}\n")
    with pytest.raises(EnvironmentFailedError, match=r"MJX is .*, expected a reason in words"):
        load_pack(str(tmp_path))


def test_a_pack_that_randomises_its_model_stays_on_the_cpu() -> None:
    task = load_pack("inverted_pendulum")
    assert mjx_problem(task) is None
    ranges = (RandomisedRange(quantity="mass", of=("all",), kind="scale", low=0.9, high=1.1),)
    problem = mjx_problem(replace(task, randomise=ranges))
    assert problem is not None and "randomises" in problem
