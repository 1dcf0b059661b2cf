"""A mirrored Gymnasium task has the same states, observations, termination and human reward, step by step."""

from __future__ import annotations

from typing import Any

import gymnasium
import mujoco
import numpy as np
import pytest

from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import draw_actions, draw_noise, flatten_transitions, open_environment
from autoreward.environment.task import human_reward
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.records import CompiledReward, EnvSpec
from autoreward.reward.composition import compose_reward
from autoreward.reward.program import RewardProgram
from autoreward.reward.sandbox.sandbox import Sandbox, flat_transitions
from tests.thorough import packs

STEPS = 1000
MIRRORED = [
    "ant/forward",
    "ant/lie_down",
    "half_cheetah/forward",
    "hopper/forward",
    "hopper/back_flip",
    "humanoid/run",
    "inverted_pendulum/balance",
    "reacher/reach",
    "swimmer/forward",
    "walker2d/forward",
]
ALWAYS = ("ant/lie_down", "half_cheetah/forward", "hopper/forward", "inverted_pendulum/balance")
ENDING = {  # where random actions end episodes
    "ant/forward",
    "hopper/forward",
    "humanoid/run",
    "inverted_pendulum/balance",
    "walker2d/forward",
}


class Mirror:
    """Gymnasium's own environment, moved to the states that ours starts from."""

    def __init__(self, spec: EnvSpec) -> None:
        self.env: Any = gymnasium.make(spec.mirrors or "", **spec.mirror_arguments).unwrapped
        self.env.reset(seed=0)

    def start_from(self, qpos: np.ndarray, qvel: np.ndarray) -> None:
        mujoco.mj_resetData(self.env.model, self.env.data)
        self.env.set_state(qpos, qvel)


def play_both(environment: Environment) -> tuple[VectorEnv, Rollout, dict[str, list[Any]]]:
    env = VectorEnv(environment.pack, 1, horizon=STEPS + 1, num_threads=1)
    rng = np.random.default_rng(3)
    mirror = Mirror(environment.spec)
    rollout = env.new_rollout(STEPS) if env.reset(draw_noise(rng, 1, env.noise_size)) is not None else None
    assert rollout is not None
    seen: dict[str, list[Any]] = {"qpos": [], "qvel": [], "observation": [], "reward": [], "terminated": []}
    restart = True
    for t in range(STEPS):
        action = draw_actions(rng, env.actions, 1)
        arrays = env._simulation.arrays()
        if restart:
            mirror.start_from(arrays["qpos"][0].copy(), arrays["qvel"][0].copy())
        env.step(action, rollout, t, draw_noise(rng, 1, env.noise_size))
        observation, reward, terminated, _, _ = mirror.env.step(action[0])
        for name, value in (("observation", observation), ("reward", reward), ("terminated", terminated)):
            seen[name].append(value)
        seen["qpos"].append(mirror.env.data.qpos.copy())
        seen["qvel"].append(mirror.env.data.qvel.copy())
        restart = bool(rollout.terminated[t, 0])
    env.finish(rollout)
    return env, rollout, seen


@pytest.fixture(scope="module", params=packs(MIRRORED, ALWAYS))
def played(request: pytest.FixtureRequest) -> tuple[Environment, str, VectorEnv, Rollout, dict[str, list[Any]]]:
    name, task = request.param.split("/")
    environment = open_environment(name, task)
    return (environment, task, *play_both(environment))


def test_states_are_bit_equal(played: Any) -> None:
    _, _, _, rollout, seen = played
    np.testing.assert_array_equal(rollout.after["qpos"][:, 0], np.stack(seen["qpos"]))
    np.testing.assert_array_equal(rollout.after["qvel"][:, 0], np.stack(seen["qvel"]))


def test_observations_are_equal_in_float32(played: Any) -> None:
    _, _, _, rollout, seen = played
    np.testing.assert_array_equal(rollout.next_observation[:, 0], np.stack(seen["observation"]).astype(np.float32))


def test_termination_is_equal(played: Any) -> None:
    environment, task, _, rollout, seen = played
    np.testing.assert_array_equal(rollout.terminated[:, 0], seen["terminated"])
    assert rollout.terminated.any() == (f"{environment.pack.name}/{task}" in ENDING)


def test_human_reward_is_equal(played: Any, sandbox: Sandbox) -> None:
    environment, task, env, rollout, seen = played
    source = human_reward(environment.pack, task)
    if source is None:
        pytest.skip(f"nobody wrote a reward for {environment.pack.name}/{task}")
    traced = sandbox.trace_reward(source, environment.spec)
    assert isinstance(traced.compiled, CompiledReward)
    transitions = flatten_transitions(env, rollout)
    flat = flat_transitions(transitions)
    terms, phi, phi_next = (np.asarray(array) for array in RewardProgram(traced.compiled)(flat))
    weights = np.asarray(list(traced.compiled.weights.values()), np.float32)
    ours = compose_reward(terms, weights, phi, phi_next, environment.spec.gamma, flat["next_state.terminated"])
    np.testing.assert_allclose(ours, seen["reward"], rtol=0, atol=1e-6)
