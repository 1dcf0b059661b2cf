"""The reward that the trainer pays is the one that the exported file computes, transition by transition."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import describe_environment, draw_actions, draw_noise, flatten_transitions
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.export.reward_file import export_reward
from autoreward.records import EnvSpec, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.population.reward_functions import ProgramReward

TERMS = """
WEIGHTS = {"forward": 1.0, "alive": 0.5, "early": 0.25, "effort": -0.001}
PARAMS = {"scale": 0.3}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_velocity[..., 0] * jnp.exp(-jnp.abs(state.torso_pitch) / params["scale"]),
        "alive": 1.0 - next_state.terminated,
        "early": jnp.exp(-next_state.time),
        "effort": jnp.sum(jnp.square(action - state.last_action), axis=-1),
    }
"""
POTENTIAL = """

def potential(state, params):
    return 5.0 * state.torso_position[..., 2] - jnp.linalg.norm(state.joint_velocity, axis=-1)
"""
HORIZON, STEPS, ENVS = 40, 160, 4
Recorded = tuple[VectorEnv, Rollout, EnvSpec]


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    """Hoppers under random actions; some episodes end by a fall, some by the time limit."""
    env = VectorEnv(load_pack("hopper"), ENVS, horizon=HORIZON, num_threads=1)
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, ENVS, env.noise_size))
    rollout = env.new_rollout(STEPS)
    for t in range(STEPS):
        actions = np.where(np.arange(ENVS)[:, None] % 2, 1.0, 0.1) * draw_actions(rng, env.actions, ENVS)
        env.step(actions.astype(np.float32), rollout, t, draw_noise(rng, ENVS, env.noise_size))
    env.finish(rollout)
    assert rollout.terminated.sum() > 2 and rollout.truncated.sum() > 2
    return env, rollout, describe_environment(env.pack, env, flatten_transitions(env, rollout))


@pytest.mark.parametrize("source", [TERMS, TERMS + POTENTIAL], ids=["terms", "potential"])
def test_step_by_step(
    source: str, recorded: Recorded, tmp_path: Path, sandbox: Sandbox, load: Callable[[Path], ModuleType]
) -> None:
    env, rollout, spec = recorded
    compiled = sandbox.trace_reward(source, spec).compiled
    assert compiled is not None
    state, next_state = env.fields(rollout, after=False), env.fields(rollout, after=True)
    paid = ProgramReward(RewardSpec(kind="program", compiled=compiled), spec.gamma).compute_step_rewards(
        state, rollout.action, next_state
    )
    exported = load(export_reward(tmp_path, source, compiled, spec, {})[0])
    for t in range(STEPS):
        for column in range(ENVS):
            here = {name: array[t, column] for name, array in state.items()}
            there = {name: array[t, column] for name, array in next_state.items()}
            over = bool(rollout.terminated[t, column])
            alone = exported.reward(here, rollout.action[t, column], there, over)
            assert alone == pytest.approx(float(paid.reward[t, column]), rel=1e-5, abs=1e-5), (t, column, over)


def test_the_potential_counts_at_the_time_limit_and_not_at_a_fall(recorded: Recorded, sandbox: Sandbox) -> None:
    env, rollout, spec = recorded
    state, next_state = env.fields(rollout, after=False), env.fields(rollout, after=True)
    paid = []
    for source in (TERMS, TERMS + POTENTIAL):
        compiled = sandbox.trace_reward(source, spec).compiled
        reward = ProgramReward(RewardSpec(kind="program", compiled=compiled), spec.gamma)
        paid.append(reward.compute_step_rewards(state, rollout.action, next_state).reward)
    phi, phi_next = (
        5.0 * fields["torso_position"][..., 2] - np.sqrt((fields["joint_velocity"] ** 2).sum(axis=-1))
        for fields in (state, next_state)
    )
    shaping = np.where(
        rollout.terminated, -phi, spec.gamma * phi_next - phi
    )  # a truncated step is a step like any other
    np.testing.assert_allclose(paid[1] - paid[0], shaping, rtol=1e-4, atol=1e-4)
