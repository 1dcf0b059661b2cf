"""The exported environment of a robot of one's own draws its command and pays as training did."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autoreward.environment.pack import Pack
from autoreward.environment.random_rollout import flatten_transitions, open_environment
from autoreward.export.environment_file import export_environment
from autoreward.export.reward_file import export_reward
from autoreward.reward.composition import compose_reward
from autoreward.reward.program import RewardProgram
from autoreward.reward.sandbox.sandbox import Sandbox, flat_transitions
from tests.pack_tools.conftest import played

REWARD = """
WEIGHTS = {"follow": 1.0, "seen": 0.05, "jerk": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "follow": jnp.exp(-jnp.square(next_state.velocity_error)) + next_state.command[..., 0],
        "seen": jnp.sum(next_state.observation - 0.5 * state.observation, axis=-1),
        "jerk": jnp.sum(jnp.square(action - state.last_action), axis=-1),
    }
"""


def exported(folder: Path, pack: Pack, sandbox: Sandbox, reward: str = REWARD) -> tuple[Any, Callable[..., np.ndarray]]:
    """The exported environment, and what the trainer pays for a rollout."""
    environment = open_environment(str(pack.folder))
    compiled = sandbox.trace_reward(reward, environment.spec).compiled
    assert compiled is not None
    export_environment(folder, environment.pack, environment.spec)
    export_reward(folder, reward, compiled, environment.spec, {})
    spec = importlib.util.spec_from_file_location("exported_own_robot", folder / "env.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def paid(env: Any, rollout: Any) -> np.ndarray:
        flat = flat_transitions(flatten_transitions(env, rollout))
        terms, phi, phi_next = (np.asarray(array) for array in RewardProgram(compiled)(flat))
        weights = np.asarray(list(compiled.weights.values()), np.float32)
        rewards = compose_reward(terms, weights, phi, phi_next, environment.spec.gamma, flat["next_state.terminated"])
        return np.asarray(rewards).reshape(rollout.elapsed.shape)

    return module.make_env(), paid


def test_every_step_pays_what_training_paid(make: Callable[..., Pack], tmp_path: Path, sandbox: Sandbox) -> None:
    pack = make("quadruped", commands=["velocity"])
    env, paid = exported(tmp_path / "export", pack, sandbox)
    trainer_env, rollout, _ = played(pack, steps=40)
    expected = paid(trainer_env, rollout)
    drawn = {"command": rollout.memory_before["command"][0, :1]}
    env.set_state(rollout.before["qpos"][0, 0], rollout.before["qvel"][0, 0], drawn)
    for t in range(int(rollout.ended[:, 0].argmax()) if rollout.ended[:, 0].any() else 40):
        observation, reward, _, _, _ = env.step(rollout.action[t, 0])
        assert abs(reward - expected[t, 0]) <= 1e-5 * max(1.0, abs(expected[t, 0]))
        np.testing.assert_allclose(observation, rollout.next_observation[t, 0], rtol=1e-6, atol=1e-6)


def test_a_reset_draws_a_command(make: Callable[..., Pack], tmp_path: Path, sandbox: Sandbox) -> None:
    env, _ = exported(tmp_path / "export", make("quadruped", commands=["velocity"]), sandbox)
    first, _ = env.reset(seed=0)
    again, _ = env.reset(seed=0)
    other, _ = env.reset(seed=1)
    np.testing.assert_array_equal(first, again)
    assert (first[-3:] != 0.0).all()  # the command is the last part of the observation
    assert (first[-3:] != other[-3:]).all()
    assert env.action_space.high.tolist() == [1.0, -0.5] * 4


LED_REWARD = """
WEIGHTS = {"near": 1.0, "seen": 0.05}


def reward_terms(state, action, next_state, params):
    return {
        "near": -jnp.sum(jnp.square(next_state.grip_position - next_state.cube_position), axis=-1),
        "seen": jnp.sum(next_state.observation - 0.5 * state.observation, axis=-1),
    }
"""


def test_what_is_led_in_training_is_led_in_the_export(
    make: Callable[..., Pack], tmp_path: Path, sandbox: Sandbox
) -> None:
    pack = make("led")
    env, paid = exported(tmp_path / "export", pack, sandbox, LED_REWARD)
    trainer_env, rollout, _ = played(pack, steps=20)
    expected = paid(trainer_env, rollout)
    env.set_state(rollout.before["qpos"][0, 0], rollout.before["qvel"][0, 0])
    assert env.action_space.shape == (5,)
    for t in range(20):
        observation, reward, _, _, _ = env.step(rollout.action[t, 0])
        assert abs(reward - expected[t, 0]) <= 1e-5 * max(1.0, abs(expected[t, 0]))
        np.testing.assert_allclose(observation, rollout.next_observation[t, 0], rtol=1e-5, atol=1e-5)
