"""What a program with a potential pays, by hand: where the episode goes on, terminates, and is truncated."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.environment.environment import Environment
from autoreward.records import RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.population.reward_functions import ProgramReward

REWARD = """
WEIGHTS = {"angle": 3.0, "push": -2.0}


def reward_terms(state, action, next_state, params):
    return {"angle": next_state.pole_angle, "push": jnp.abs(action[..., 0])}


def potential(state, params):
    return 10.0 * state.pole_angle
"""


@pytest.fixture(scope="module")
def reward(environment: Environment, sandbox: Sandbox) -> ProgramReward:
    made = sandbox.trace_reward(REWARD, environment.spec).compiled
    return ProgramReward(RewardSpec(kind="program", compiled=made), 0.5)


def test_shaping_is_masked_by_termination_and_not_by_truncation(reward: ProgramReward) -> None:
    """Three environments take the same step, from angle 0.1 to 0.3 with a push of -0.5.

    terms 3 * 0.3 - 2 * 0.5 = -0.1;  Phi(s) = 1, Phi(s') = 3;  going on and truncated: -0.1 + 0.5 * 3 - 1 = 0.4;
    terminated: -0.1 + 0 - 1 = -1.1. A truncated step is for the reward a step like any other.
    """
    shape = (1, 3)
    state = {"pole_angle": np.full(shape, 0.1, np.float32)}
    terminated = np.array([[0.0, 1.0, 0.0]], np.float32)  # the last one is truncated
    after = {"pole_angle": np.full(shape, 0.3, np.float32), "terminated": terminated}
    rewards = reward.compute_step_rewards(state, np.full((*shape, 1), -0.5, np.float32), after)
    np.testing.assert_allclose(rewards.terms[0], [[0.3, 0.5]] * 3, rtol=1e-6)
    np.testing.assert_allclose(rewards.reward[0], [0.4, -1.1, 0.4], rtol=1e-5)


def test_shaping_of_an_episode_adds_up_to_its_ends(reward: ProgramReward) -> None:
    """sum_t gamma^t (gamma Phi(s_{t+1}) - Phi(s_t)) = gamma^T Phi(s_T) - Phi(s_0), and -Phi(s_0) if it terminated."""
    angles = np.array([0.2, -0.1, 0.4, 0.3], np.float32)[:, None]
    push = np.zeros((3, 1, 1), np.float32)
    for over, end in ((0.0, 0.5**3 * 3.0), (1.0, 0.0)):
        after = {"pole_angle": angles[1:], "terminated": np.array([[0.0], [0.0], [over]], np.float32)}
        rewards = reward.compute_step_rewards({"pole_angle": angles[:-1]}, push, after)
        shaping = rewards.reward[:, 0] - 3.0 * rewards.terms[:, 0, 0]
        assert (0.5 ** np.arange(3) * shaping).sum() == pytest.approx(end - 2.0, rel=1e-5)
