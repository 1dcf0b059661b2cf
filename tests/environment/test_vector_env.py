"""The vectorised environment: automatic reset, memory, framework fields, divergence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autoreward.environment.pack import Pack, load_pack, pack_names
from autoreward.environment.random_rollout import draw_noise, random_actions
from autoreward.environment.vector_env import Slab, VectorEnv
from autoreward.errors import EnvironmentFailedError

ENVS, STEPS, HORIZON = 3, 25, 10


def rolled(pack: Pack, horizon: int = HORIZON, steps: int = STEPS, scale: float = 1.0) -> tuple[VectorEnv, Slab]:
    env = VectorEnv(pack, ENVS, horizon=horizon, num_threads=1)
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, ENVS, env.noise_size))
    slab = env.new_slab(steps)
    for t in range(steps):
        env.step(random_actions(rng, env.actions, ENVS) * scale, slab, t, draw_noise(rng, ENVS, env.noise_size))
    env.finish(slab)
    return env, slab


def test_truncates_at_the_horizon_and_starts_anew() -> None:
    _, slab = rolled(load_pack("half_cheetah"))
    expected = np.zeros((STEPS, ENVS), bool)
    expected[[9, 19]] = True
    np.testing.assert_array_equal(slab.truncated, expected)
    np.testing.assert_array_equal(slab.elapsed[:, 0], np.arange(STEPS) % HORIZON)
    assert not slab.terminated.any()


def test_next_state_is_the_state_before_the_reset() -> None:
    env, slab = rolled(load_pack("half_cheetah"))
    state, next_state = env.fields(slab, after=False), env.fields(slab, after=True)
    going = ~slab.ended[:-1]
    for name in ("torso_position", "torso_velocity", "observation", "time"):
        np.testing.assert_array_equal(next_state[name][:-1][going], state[name][1:][going])
    assert not np.array_equal(next_state["torso_position"][9], state["torso_position"][10])


def test_framework_fields() -> None:
    env, slab = rolled(load_pack("half_cheetah"))
    state, next_state = env.fields(slab, after=False), env.fields(slab, after=True)
    np.testing.assert_allclose(state["time"][:, 0], (np.arange(STEPS) % HORIZON) * 0.05, rtol=1e-6)
    np.testing.assert_allclose(next_state["time"] - state["time"], 0.05, rtol=1e-5)
    np.testing.assert_array_equal(next_state["last_action"], slab.action)
    np.testing.assert_array_equal(state["last_action"][1:][~slab.ended[:-1]], slab.action[:-1][~slab.ended[:-1]])
    np.testing.assert_array_equal(state["last_action"][10], 0.0)
    assert "terminated" not in state
    assert all(array.dtype == np.float32 for array in (*state.values(), *next_state.values()))


def test_mean_velocity_is_displacement_over_time_and_zero_after_reset() -> None:
    env, slab = rolled(load_pack("half_cheetah"))
    state, next_state = env.fields(slab, after=False), env.fields(slab, after=True)
    moved = (slab.after["qpos"][..., 0] - slab.before["qpos"][..., 0]) / 0.05
    np.testing.assert_allclose(next_state["torso_mean_velocity"][..., 0], moved, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(state["torso_mean_velocity"][[0, 10, 20]], 0.0)


def test_memory_after_the_rollout_equals_memory_in_every_step() -> None:
    pack = load_pack("half_cheetah")
    _, scanned = rolled(pack)
    _, stepped = rolled(replace(pack, memory_in_step=True))
    for name in scanned.memory_after:
        np.testing.assert_array_equal(scanned.memory_before[name], stepped.memory_before[name])
        np.testing.assert_array_equal(scanned.memory_after[name], stepped.memory_after[name])


def test_memory_goes_on_over_the_cut_between_slabs() -> None:
    pack = load_pack("half_cheetah")
    env = VectorEnv(pack, ENVS, horizon=7, num_threads=1)
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, ENVS, env.noise_size))
    for _ in range(3):
        slab = env.new_slab(5)
        for t in range(5):
            env.step(random_actions(rng, env.actions, ENVS), slab, t, draw_noise(rng, ENVS, env.noise_size))
        env.finish(slab)
        moved = (slab.after["qpos"][..., 0] - slab.before["qpos"][..., 0]) / 0.05
        np.testing.assert_allclose(slab.memory_after["mean_velocity"][..., 0], moved, rtol=1e-9, atol=1e-12)


def test_termination_is_not_truncation() -> None:
    _, slab = rolled(load_pack("inverted_pendulum"), horizon=1000)
    assert slab.terminated.any()
    assert not (slab.terminated & slab.truncated).any()
    angles = slab.after["qpos"][..., 1]
    np.testing.assert_array_equal(slab.terminated, np.abs(angles) > 0.2)


def test_diverged_simulation_ends_the_episode_and_keeps_the_last_sound_state(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))  # MuJoCo writes a log file
    pack = load_pack("half_cheetah")
    env = VectorEnv(pack, 2, num_threads=1)
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, 2, env.noise_size))
    slab = env.new_slab(2)
    action = np.zeros((2, 6), np.float32)
    action[1] = np.nan
    env.step(action, slab, 0, draw_noise(rng, 2, env.noise_size))
    assert slab.diverged[0].tolist() == [False, True]
    assert slab.terminated[0].tolist() == [False, True]
    np.testing.assert_array_equal(slab.after["qpos"][0, 1], slab.before["qpos"][0, 1])
    env.step(np.zeros((2, 6), np.float32), slab, 1, draw_noise(rng, 2, env.noise_size))
    assert slab.elapsed[1].tolist() == [1, 0]
    assert not slab.diverged[1].any()


def test_wrong_fields_are_named() -> None:
    pack = load_pack("half_cheetah")
    broken = replace(pack, fields=lambda xp, data, memory: {"torso_pitch": data.qpos[..., 2:3]})
    env, slab = rolled(broken)
    with pytest.raises(EnvironmentFailedError, match=r"half_cheetah: fields.*torso_pitch"):
        env.fields(slab, after=True)


def test_wrong_control_period_is_named() -> None:
    with pytest.raises(EnvironmentFailedError, match=r"CONTROL_PERIOD is 0\.1 s"):
        VectorEnv(replace(load_pack("half_cheetah"), control_period=0.1), 1)


@pytest.mark.parametrize("name", pack_names())
def test_numpy_and_jax_agree(name: str) -> None:
    import jax.numpy as jnp

    from autoreward.environment.pack import data_view

    pack = load_pack(name)
    _, slab = rolled(pack)
    arrays = {key: array.astype(np.float32) for key, array in slab.after.items()}
    memory = {key: array.astype(np.float32) for key, array in slab.memory_after.items()}
    for function in (pack.fields, pack.observation, pack.terminated):
        by_numpy = function(np, data_view(arrays), memory)
        by_jax = function(jnp, data_view({key: jnp.asarray(array) for key, array in arrays.items()}), memory)
        pairs = by_numpy.items() if isinstance(by_numpy, dict) else [("", by_numpy)]
        for key, value in pairs:
            other = by_jax[key] if isinstance(by_jax, dict) else by_jax
            np.testing.assert_allclose(value, np.asarray(other), rtol=1e-6, atol=1e-6)
