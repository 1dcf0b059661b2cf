"""`shaping_only` on a chain that is solved exactly: the rewards of the trainer itself, and the policies it makes best.

    0 -- 1 -- 2 -- 3 -- 4 -- 5      0 and 5 end the episode, with progress 0.3 and 1.0; gamma is 0.6

By hand, without shaping: from 1, left is 0.3 and right 0.6^3 = 0.216; from 2, left is 0.18 and right 0.36. So the only
optimal policy is left, right, right, right.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoreward.environment.environment import Environment
from autoreward.records import CompiledReward, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.population.reward_functions import ShapedReward
from autoreward.trainer.population.trainer import Trainer
from tests.trainer.conftest import Compiled, recorded
from tests.trainer.population.test_training import MakeJob

GAMMA = 0.6
ENDS = {0: 0.3, 5: 1.0}
INNER = (1, 2, 3, 4)
OPTIMAL = ["left", "right", "right", "right"]
# One number a place of the chain; the field that holds the place is an angle elsewhere.
POTENTIAL = """
PARAMS = {"p0": 1.0, "p1": 1.0, "p2": 1.0, "p3": 1.0, "p4": 1.0, "p5": 1.0}
WEIGHTS = {"potential": 1.0}


def potential(state, params):
    place = state.pole_angle
    return sum(params[f"p{i}"] * jnp.where(jnp.abs(place - i) < 0.5, 1.0, 0.0) for i in range(6))


def reward_terms(state, action, next_state, params):
    return {"potential": potential(next_state, params)}
"""


@pytest.fixture(scope="module")
def potential(environment: Environment, sandbox: Sandbox) -> CompiledReward:
    made = sandbox.trace_reward(POTENTIAL, environment.spec).compiled
    assert made is not None
    return made


def chain(reward: ShapedReward, masked: bool = True) -> np.ndarray:
    """What each step pays `[4, 2]`: from 1, 2, 3, 4, to the left and to the right."""
    places = np.repeat(INNER, 2).astype(np.float32)[None]
    after = places + np.tile([-1.0, 1.0], 4).astype(np.float32)
    over = np.isin(after, list(ENDS))
    t, env = np.nonzero(over)
    progress = np.array([ENDS[int(place)] for place in after[over]], np.float32)
    fields = {"pole_angle": after, "terminated": (over & masked).astype(np.float32)}
    rewards = reward.compute_rewards({"pole_angle": places}, np.zeros((1, 8, 1), np.float32), fields, t, env, progress)
    np.testing.assert_allclose(
        rewards.counted, np.where(over, np.array([ENDS.get(int(p), 0.0) for p in after[0]]), 0.0)
    )
    return rewards.reward.reshape(4, 2).astype(np.float64)


def solve(paid: np.ndarray) -> np.ndarray:
    """The exact values of both actions in each inner place `[4, 2]`."""
    values = np.zeros(6)
    for _ in range(60):  # 0.6^60 is 5e-14
        q = paid + GAMMA * np.stack([values[0:4], values[2:6]], axis=1)
        values[1:5] = q.max(axis=1)
    return q


def best(q: np.ndarray) -> list[str]:
    return ["left" if left > right else "right" for left, right in q]


def shaped(potential: CompiledReward, phi: list[float]) -> ShapedReward:
    params = {f"p{place}": value for place, value in enumerate(phi)}
    return ShapedReward(RewardSpec(kind="shaping", compiled=potential.model_copy(update={"params": params})), GAMMA)


def test_without_a_potential_the_chain_is_as_worked_out_by_hand(potential: CompiledReward) -> None:
    q = solve(chain(shaped(potential, [0.0] * 6)))
    np.testing.assert_allclose(q[:2], [[0.3, 0.216], [0.18, 0.36]], rtol=1e-6)
    assert best(q) == OPTIMAL


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(phi=st.lists(st.floats(-5, 5, width=32), min_size=6, max_size=6))
def test_no_potential_changes_the_optimal_policy(potential: CompiledReward, phi: list[float]) -> None:
    q = solve(chain(shaped(potential, phi)))
    # Ng et al. 1999: every value is lowered by Phi(s), whatever the action.
    bare = solve(chain(shaped(potential, [0.0] * 6)))
    np.testing.assert_allclose(q, bare - np.array(phi)[1:5, None], atol=1e-5)
    assert best(q) == OPTIMAL


def test_the_mask_of_terminal_states_is_what_makes_it_so(potential: CompiledReward) -> None:
    attractive = [10.0, 0.0, 0.0, 0.0, 0.0, 0.0]  # the left end would pay gamma * 10 if Phi were not zero there
    assert best(solve(chain(shaped(potential, attractive)))) == OPTIMAL
    assert best(solve(chain(shaped(potential, attractive), masked=False))) != OPTIMAL


def test_a_population_is_paid_progress_and_shaping(
    job: MakeJob, compiled: Compiled, potential: CompiledReward, trainer: Trainer
) -> None:
    """On the pendulum, with Phi = 1 near the upright and 0 elsewhere: own return is the progress alone."""
    asked = job({"a": compiled.alive, "b": potential.model_copy(update={"params": {f"p{i}": 1.0 for i in range(6)}})})
    rewards = asked.rewards | {"b": RewardSpec(kind="shaping", compiled=asked.rewards["b"].compiled)}
    _, recordings = trainer.train(asked.model_copy(update={"rewards": rewards}))
    terms, length = recorded(recordings, "b", 0).episodes.term_sums, recorded(recordings, "b", 0).episodes.length
    np.testing.assert_allclose(
        recorded(recordings, "b", 0).episodes.own_return, recorded(recordings, "b", 0).episodes.progress, rtol=1e-6
    )
    np.testing.assert_allclose(terms[:, 0], recorded(recordings, "b", 0).episodes.progress, rtol=1e-6)
    # Phi is 1 in every state but the last, which terminates: (length - 1) * (0.99 - 1) + (0 - 1).
    np.testing.assert_allclose(terms[:, 1], (length - 1) * (0.99 - 1.0) - 1.0, rtol=1e-4)


def test_a_reward_without_a_potential_is_no_shaping(compiled: Compiled) -> None:
    with pytest.raises(ValueError, match="carries a compiled potential"):
        ShapedReward(RewardSpec(kind="shaping", compiled=compiled.alive), GAMMA)
