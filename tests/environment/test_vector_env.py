"""The vectorised environment: automatic reset, memory, framework fields, divergence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from autoreward.environment.declarations import ActionRange
from autoreward.environment.pack import Pack, load_pack, pack_names
from autoreward.environment.random_rollout import draw_actions, draw_noise
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.errors import EnvironmentFailedError

ENVS, STEPS, HORIZON = 3, 25, 10


def rolled(pack: Pack, horizon: int = HORIZON, steps: int = STEPS, scale: float = 1.0) -> tuple[VectorEnv, Rollout]:
    env = VectorEnv(pack, ENVS, horizon=horizon, num_threads=1)
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, ENVS, env.noise_size))
    rollout = env.new_rollout(steps)
    for t in range(steps):
        env.step(draw_actions(rng, env.actions, ENVS) * scale, rollout, t, draw_noise(rng, ENVS, env.noise_size))
    env.finish(rollout)
    return env, rollout


def test_shapes_are_checked_while_tests_run() -> None:
    with pytest.raises(TypeCheckError, match="low"):
        ActionRange(np.zeros((2, 3), np.float32), np.ones((2, 3), np.float32))
    with pytest.raises(TypeCheckError, match="high"):
        ActionRange(np.zeros(2, np.float32), np.ones(3, np.float32))


def test_truncates_at_the_horizon_and_starts_anew() -> None:
    _, rollout = rolled(load_pack("half_cheetah"))
    expected = np.zeros((STEPS, ENVS), bool)
    expected[[9, 19]] = True
    np.testing.assert_array_equal(rollout.truncated, expected)
    np.testing.assert_array_equal(rollout.elapsed[:, 0], np.arange(STEPS) % HORIZON)
    assert not rollout.terminated.any()


def test_next_state_is_the_state_before_the_reset() -> None:
    env, rollout = rolled(load_pack("half_cheetah"))
    state, next_state = env.fields(rollout, after=False), env.fields(rollout, after=True)
    going = ~rollout.ended[:-1]
    for name in ("torso_position", "torso_velocity", "observation", "time"):
        np.testing.assert_array_equal(next_state[name][:-1][going], state[name][1:][going])
    assert not np.array_equal(next_state["torso_position"][9], state["torso_position"][10])


def test_framework_fields() -> None:
    env, rollout = rolled(load_pack("half_cheetah"))
    state, next_state = env.fields(rollout, after=False), env.fields(rollout, after=True)
    np.testing.assert_allclose(state["time"][:, 0], (np.arange(STEPS) % HORIZON) * 0.05, rtol=1e-6)
    np.testing.assert_allclose(next_state["time"] - state["time"], 0.05, rtol=1e-5)
    np.testing.assert_array_equal(next_state["last_action"], rollout.action)
    np.testing.assert_array_equal(
        state["last_action"][1:][~rollout.ended[:-1]], rollout.action[:-1][~rollout.ended[:-1]]
    )
    np.testing.assert_array_equal(state["last_action"][10], 0.0)
    assert "terminated" not in state
    assert all(array.dtype == np.float32 for array in (*state.values(), *next_state.values()))


def test_mean_velocity_is_displacement_over_time_and_zero_after_reset() -> None:
    env, rollout = rolled(load_pack("half_cheetah"))
    state, next_state = env.fields(rollout, after=False), env.fields(rollout, after=True)
    moved = (rollout.after["qpos"][..., 0] - rollout.before["qpos"][..., 0]) / 0.05
    np.testing.assert_allclose(next_state["torso_mean_velocity"][..., 0], moved, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(state["torso_mean_velocity"][[0, 10, 20]], 0.0)


def test_memory_after_the_rollout_equals_memory_in_every_step() -> None:
    pack = load_pack("half_cheetah")
    _, scanned = rolled(pack)
    _, stepped = rolled(replace(pack, memory_in_step=True))
    for name in scanned.memory_after:
        np.testing.assert_array_equal(scanned.memory_before[name], stepped.memory_before[name])
        np.testing.assert_array_equal(scanned.memory_after[name], stepped.memory_after[name])


def test_memory_goes_on_over_the_cut_between_rollouts() -> None:
    pack = load_pack("half_cheetah")
    env = VectorEnv(pack, ENVS, horizon=7, num_threads=1)
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, ENVS, env.noise_size))
    for _ in range(3):
        rollout = env.new_rollout(5)
        for t in range(5):
            env.step(draw_actions(rng, env.actions, ENVS), rollout, t, draw_noise(rng, ENVS, env.noise_size))
        env.finish(rollout)
        moved = (rollout.after["qpos"][..., 0] - rollout.before["qpos"][..., 0]) / 0.05
        np.testing.assert_allclose(rollout.memory_after["mean_velocity"][..., 0], moved, rtol=1e-9, atol=1e-12)


def test_termination_is_not_truncation() -> None:
    _, rollout = rolled(load_pack("inverted_pendulum"), horizon=1000)
    assert rollout.terminated.any()
    assert not (rollout.terminated & rollout.truncated).any()
    angles = rollout.after["qpos"][..., 1]
    np.testing.assert_array_equal(rollout.terminated, np.abs(angles) > 0.2)


def test_diverged_simulation_ends_the_episode_and_keeps_the_last_sound_state(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))  # MuJoCo writes a log file
    pack = load_pack("half_cheetah")
    env = VectorEnv(pack, 2, num_threads=1)
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, 2, env.noise_size))
    rollout = env.new_rollout(2)
    action = np.zeros((2, 6), np.float32)
    action[1] = np.nan
    env.step(action, rollout, 0, draw_noise(rng, 2, env.noise_size))
    assert rollout.diverged[0].tolist() == [False, True]
    assert rollout.truncated[0].tolist() == [False, True]  # cut, with a future: a crash is worth nothing
    assert not rollout.terminated[0].any()
    np.testing.assert_array_equal(rollout.after["qpos"][0, 1], rollout.before["qpos"][0, 1])
    env.step(np.zeros((2, 6), np.float32), rollout, 1, draw_noise(rng, 2, env.noise_size))
    assert rollout.elapsed[1].tolist() == [1, 0]
    assert not rollout.diverged[1].any()


def test_wrong_fields_are_named() -> None:
    pack = load_pack("half_cheetah")
    broken = replace(pack, fields=lambda xp, data, memory: {"torso_pitch": data.qpos[..., 2:3]})
    env, rollout = rolled(broken)
    with pytest.raises(EnvironmentFailedError, match=r"half_cheetah: fields.*torso_pitch"):
        env.fields(rollout, after=True)


def test_wrong_control_period_is_named() -> None:
    with pytest.raises(EnvironmentFailedError, match=r"CONTROL_PERIOD is 0\.1 s"):
        VectorEnv(replace(load_pack("half_cheetah"), control_period=0.1), 1)


@pytest.mark.parametrize("name", pack_names())
def test_numpy_and_jax_agree(name: str) -> None:
    import jax.numpy as jnp

    from autoreward.environment.pack import data_view

    pack = load_pack(name)
    _, rollout = rolled(pack)
    arrays = {key: array.astype(np.float32) for key, array in rollout.after.items()}
    memory = {key: array.astype(np.float32) for key, array in rollout.memory_after.items()}
    for function in (pack.fields, pack.observation, pack.terminated):
        by_numpy = function(np, data_view(arrays), memory)
        by_jax = function(jnp, data_view({key: jnp.asarray(array) for key, array in arrays.items()}), memory)
        pairs = by_numpy.items() if isinstance(by_numpy, dict) else [("", by_numpy)]
        for key, value in pairs:
            other = by_jax[key] if isinstance(by_jax, dict) else by_jax
            np.testing.assert_allclose(value, np.asarray(other), rtol=1e-6, atol=1e-6)
