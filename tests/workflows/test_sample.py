"""A sample of transitions: its sides and sums on small arrays, and how much of what is stored goes into it."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.recordings import MemberRecording, Trajectory
from autoreward.workflows.sample import FRAGMENT, NUM_ENVS, SHORTEST, STORED, Sample, sample_of

RANDOM = NUM_ENVS * FRAGMENT
SMALL = Sample(
    {
        "state.x": np.arange(5.0),
        "next_state.x": np.arange(1.0, 6.0),
        "next_state.terminated": np.zeros(5),
        "action": np.zeros((5, 2)),
    },
    spans=((0, 3), (3, 5)),
)


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum", "balance")


def recording(environment: Environment, steps: int, mark: float, label: str = "best") -> MemberRecording:
    """A member with one evaluation episode, in which the cart stands at `mark`."""
    fields = {one.name: np.zeros((steps, *one.shape), np.float32) for one in environment.spec.fields}
    fields["cart_position"] = np.full(steps, mark, np.float32)
    return MemberRecording("c", 0, trajectories={label: Trajectory(fields, np.zeros((steps, 1), np.float32))})


def test_the_two_sides_of_a_transition() -> None:
    assert SMALL.size == 5
    assert set(SMALL.side("state")) == {"x"} and set(SMALL.side("next_state")) == {"x", "terminated"}
    np.testing.assert_array_equal(SMALL.side("next_state")["x"], [1, 2, 3, 4, 5])


def test_returns_are_sums_over_trajectories() -> None:
    rewards = np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [0.5] * 5])
    np.testing.assert_array_equal(SMALL.sums(rewards), [[6.0, 9.0], [1.5, 1.0]])


def test_random_motion_comes_first_and_its_trajectories_can_be_ranked(pendulum: Environment) -> None:
    sample = sample_of(pendulum, [])
    assert sample.size == RANDOM
    lengths = [stop - start for start, stop in sample.spans]
    assert min(lengths) >= SHORTEST and max(lengths) <= FRAGMENT
    assert all(one[1] <= other[0] for one, other in zip(sample.spans, sample.spans[1:], strict=False))


def test_the_best_and_the_worst_episodes_up_to_a_number(pendulum: Environment) -> None:
    stored = [[recording(pendulum, 5, float(i), "worst"), recording(pendulum, 5, 100.0 + i)] for i in range(STORED)]
    sample = sample_of(pendulum, stored)
    assert sample.size == RANDOM + STORED * 4  # 5 steps are 4 transitions
    seen = sample.flat["state.cart_position"][RANDOM:].reshape(STORED, 4)[:, 0].tolist()
    assert seen == [place for i in range(STORED // 2) for place in (100.0 + i, float(i))]  # best before worst


def test_an_episode_too_short_to_be_ranked_is_left_out(pendulum: Environment) -> None:
    assert sample_of(pendulum, [[recording(pendulum, SHORTEST, 0.0)]]).size == RANDOM
