"""The exported environment pays what training paid, step by step, and is what Gymnasium and SB3 expect."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium
import mujoco
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import draw_noise, flatten_transitions, open_environment
from autoreward.environment.task import split_environment
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.export.environment_file import export_environment
from autoreward.export.policy_file import ExportedPolicy, export_policy
from autoreward.export.reward_file import export_reward
from autoreward.records import CompiledReward, MemberResult
from autoreward.reward.composition import compose_reward
from autoreward.reward.program import RewardProgram
from autoreward.reward.sandbox.sandbox import Sandbox, flat_transitions

ARM = str(Path(__file__).with_name("arm"))
# Each reads own fields on both sides, every field of the framework, and has a potential.
FRAMEWORK = """
        "late": next_state.time - 0.5 * state.time,
        "jerk": jnp.sum(jnp.square(action - state.last_action), axis=-1) + next_state.last_action[..., 0],
        "seen": jnp.sum(next_state.observation - 0.5 * state.observation, axis=-1),
        "end": next_state.terminated,
    }


def potential(state, params):
    return 2.0 * state.observation[..., 1] + 0.1 * state.time
"""
HEAD = """
WEIGHTS = {"own": 1.0, "late": 0.1, "jerk": -0.2, "seen": 0.05, "end": -3.0}


def reward_terms(state, action, next_state, params):
    return {
"""
OWN = {
    "half_cheetah": "next_state.torso_mean_velocity[..., 0] - state.torso_mean_velocity[..., 2]"
    " + next_state.back_foot_position[..., 2]",
    "inverted_pendulum": "jnp.cos(next_state.pole_angle) - state.cart_position",
    "hopper/front_flip": "next_state.torso_velocity[..., 0] - state.torso_position[..., 2]",
    "ant": "next_state.torso_velocity[..., 0] - state.torso_position[..., 2]",
    ARM: "next_state.tip[..., 2] - state.tip[..., 0] + next_state.turned - 0.5 * state.turned",
}
MIRRORED = ["half_cheetah", "inverted_pendulum", "hopper/front_flip", "ant"]  # a task that never terminates; arguments


@dataclass
class Exported:
    """An export, and what it was made from."""

    environment: Environment
    compiled: CompiledReward
    folder: Path
    module: ModuleType
    policy: Any


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"exported_{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Gymnasium makes the wrapper again from the name of its module
    spec.loader.exec_module(module)
    return module


def random_policy(environment: Environment, gain: float) -> ExportedPolicy:
    """Networks with random weights: the actions of the smallest policy that still moves everything."""
    rng = np.random.default_rng(5)
    sizes = (environment.spec.observation_size, 8, environment.spec.action_size)
    arrays = {
        "observation_mean": rng.normal(size=sizes[0]),
        "observation_var": rng.uniform(0.5, 2.0, sizes[0]),
        "weights_0": rng.normal(size=sizes[:2]),
        "bias_0": rng.normal(size=sizes[1]),
        "weights_1": gain * rng.normal(size=sizes[1:]),
        "bias_1": gain * rng.normal(size=sizes[2]),
    }
    member = MemberResult(candidate="g00c00", seed=0, status="trained")
    return ExportedPolicy(member, {name: np.float32(array) for name, array in arrays.items()}, 1)


@pytest.fixture(scope="module", params=[*MIRRORED, ARM], ids=lambda name: Path(name).name)
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox
) -> Iterator[Exported]:
    environment = open_environment(*split_environment(request.param, None))
    source = HEAD + f'        "own": {OWN[request.param]},' + FRAMEWORK
    traced = sandbox.trace_reward(source, environment.spec)
    assert traced.compiled is not None, traced
    folder = tmp_path_factory.mktemp(environment.spec.name)
    export_environment(folder, environment.pack, environment.spec)
    export_policy(folder, random_policy(environment, gain=0.5), environment.spec)
    export_reward(folder, source, traced.compiled, environment.spec, {})
    module = load(folder / ("wrapper.py" if environment.spec.mirrors else "env.py"))
    yield Exported(environment, traced.compiled, folder, module, load(folder / "policy.py").Policy())


def training_rewards(exported: Exported, env: VectorEnv, rollout: Rollout) -> np.ndarray:
    """What the trainer pays for a rollout of one environment."""
    flat = flat_transitions(flatten_transitions(env, rollout))
    terms, phi, phi_next = (np.asarray(array) for array in RewardProgram(exported.compiled)(flat))
    weights = np.asarray(list(exported.compiled.weights.values()), np.float32)
    gamma, terminated = exported.environment.spec.gamma, flat["next_state.terminated"]
    return np.asarray(compose_reward(terms, weights, phi, phi_next, gamma, terminated))


def play_training(exported: Exported, horizon: int, steps: int, seed: int) -> tuple[VectorEnv, Rollout]:
    """One environment of the trainer under the exported policy, with automatic resets."""
    env = VectorEnv(exported.environment.pack, 1, horizon=horizon, num_threads=1)
    rng = np.random.default_rng(seed)
    observation = env.reset(draw_noise(rng, 1, env.noise_size))
    rollout = env.new_rollout(steps)
    for t in range(steps):
        observation = env.step(exported.policy(observation), rollout, t, draw_noise(rng, 1, env.noise_size))
    env.finish(rollout)
    return env, rollout


def start_from(env: Any, qpos: np.ndarray, qvel: np.ndarray) -> np.ndarray:
    """A new episode in this state; the observation the policy answers."""
    env.reset(seed=0)
    inner = env.unwrapped
    mujoco.mj_resetData(inner.model, inner.data)
    inner.set_state(qpos, qvel)
    if env is inner:
        return np.asarray(inner._training.observation())
    env.start_episode()
    return np.asarray(inner._get_obs())


@pytest.mark.parametrize(("horizon", "steps"), [(None, 1000), (4, 60)], ids=["to the end", "short"])
def test_every_step_pays_what_training_paid(exported: Exported, horizon: int | None, steps: int) -> None:
    horizon = horizon or exported.environment.spec.horizon
    trainer_env, rollout = play_training(exported, horizon, steps, seed=1)
    expected = training_rewards(exported, trainer_env, rollout)
    exported.module.HORIZON = horizon
    env = exported.module.make_env()
    ended, observation, term_names = True, np.empty(0), set(exported.compiled.weights)
    kinds = set()
    for t in range(steps):
        if ended:
            observation = start_from(env, rollout.before["qpos"][t, 0], rollout.before["qvel"][t, 0])
        action = exported.policy(observation)
        np.testing.assert_array_equal(action, rollout.action[t, 0])  # the states are equal bit by bit, so these are
        observation, reward, terminated, truncated, info = env.step(action)
        assert abs(reward - expected[t]) <= 1e-5 * max(1.0, abs(expected[t])), t
        assert (terminated, truncated and not terminated) == (
            bool(rollout.terminated[t, 0]),
            bool(rollout.truncated[t, 0]),
        )
        assert set(info["reward_terms"]) == term_names
        ended = terminated or truncated
        kinds |= {"terminated"} if terminated else {"truncated"} if truncated else set()
    whole = {"half_cheetah": "truncated", "hopper": "truncated"}
    assert ("truncated" if horizon == 4 else whole.get(exported.environment.spec.name, "terminated")) in kinds


def test_gymnasium_and_sb3_accept_it(exported: Exported) -> None:
    with warnings.catch_warnings():
        # Gymnasium recommends other spaces than those of its own environments, and the environment without wrappers.
        warnings.filterwarnings("ignore", module="gymnasium")
        check_env(exported.module.make_env(), skip_render_check=True)
    sb3 = pytest.importorskip("stable_baselines3.common.env_checker", reason="stable-baselines3 is not installed")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*symmetric and normalized Box action space.*")
        sb3.check_env(exported.module.make_env())


def test_the_environments_own_reward_is_kept(exported: Exported) -> None:
    if not exported.environment.spec.mirrors:
        pytest.skip("it mirrors nothing, so it has no other reward")
    env, plain = (
        exported.module.make_env(),
        gymnasium.make(exported.environment.spec.mirrors, **exported.environment.spec.mirror_arguments),
    )
    env.reset(seed=3)
    plain.reset(seed=3)
    for _ in range(5):
        action = env.action_space.sample()
        assert env.step(action)[4]["env_reward"] == plain.step(action)[1]


def test_a_diverged_simulation_ends_in_its_last_sound_state(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its warning into a file
    env = exported.module.make_env()
    env.reset(seed=0)
    action = np.zeros(exported.environment.spec.action_size, np.float32)
    env.step(action)
    before = env.step(action)[4]["reward_terms"]
    env.unwrapped.data.qvel[:] = 1e12
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, _, terminated, _, info = env.step(action)
    assert terminated
    assert info["reward_terms"]["end"] == 1.0
    assert abs(info["reward_terms"]["seen"] - before["seen"]) < 5.0  # 1e12 is not in it


def test_another_environment_is_refused(exported: Exported) -> None:
    if not exported.environment.spec.mirrors:
        pytest.skip("there is no wrapper")
    with pytest.raises(ValueError, match=r"is not .*-v5"):
        exported.module.RewardWrapper(gymnasium.make("CartPole-v1"))


def test_the_policy_is_the_one_of_training(exported: Exported) -> None:
    import jax.numpy as jnp

    from autoreward.environment.declarations import ActionRange
    from autoreward.trainer.population import policy as trained

    spec = exported.environment.spec
    arrays = random_policy(exported.environment, gain=0.5).arrays
    stats = trained.RunningStats(arrays["observation_mean"], arrays["observation_var"], 1.0)
    layers = tuple((arrays[f"weights_{index}"], arrays[f"bias_{index}"]) for index in range(2))
    parameters = trained.Parameters(actor=layers, critic=(), log_std=None)
    seen = (
        np.random.default_rng(0).normal(0.0, 30.0, (64, spec.observation_size)).astype(np.float32)
    )  # some are clipped
    mean = trained.action_mean(parameters, trained.normalise(stats, jnp.asarray(seen)))
    limits = ActionRange(np.float32(spec.action_low), np.float32(spec.action_high))
    expected = np.asarray(trained.scale_action(mean, limits))
    np.testing.assert_allclose(exported.policy(seen), expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    action, state = exported.policy.predict(seen[0])
    assert state is None and action.dtype == np.float32
    np.testing.assert_allclose(action, expected[0], rtol=0, atol=1e-5 * np.abs(expected).max())
    with pytest.raises(ValueError, match="expected"):
        exported.policy(np.zeros(spec.observation_size + 1))


def test_the_onnx_policy_is_the_same(exported: Exported, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed, so exports have no policy.onnx")
    from onnx.reference import ReferenceEvaluator

    spec = exported.environment.spec
    policy = random_policy(exported.environment, gain=0.5)
    files, notes = export_policy(tmp_path, policy, spec)
    assert tmp_path / "policy.onnx" in files and not notes
    session = ReferenceEvaluator(onnx.load(tmp_path / "policy.onnx"))
    seen = np.random.default_rng(0).normal(0.0, 30.0, (16, spec.observation_size)).astype(np.float32)
    (action,) = session.run(None, {"observation": seen})
    np.testing.assert_allclose(action, exported.policy(seen), rtol=0, atol=1e-5)


def test_without_onnx_a_line_says_so(exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find: Callable[[str], Any] = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnx" else find(name))
    files, notes = export_policy(tmp_path, random_policy(exported.environment, gain=0.5), exported.environment.spec)
    assert [file.name for file in files] == ["policy.npz", "policy.py"]
    assert "pip install onnx" in notes[0]
