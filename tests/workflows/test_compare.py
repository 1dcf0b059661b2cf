"""What rewards are compared on, and the paired difference."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.recordings import unflatten
from autoreward.records import MemberResult
from autoreward.workflows.compare import paired_difference
from autoreward.workflows.sample import FRAGMENT, NUM_ENVS, sample_of


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum")


def test_trajectories_are_stretches_of_one_episode(pendulum: Environment) -> None:
    sample = sample_of(pendulum, [])
    assert len(sample.flat["action"]) == NUM_ENVS * FRAGMENT
    terminated, time = sample.flat["next_state.terminated"], sample.flat["next_state.time"]
    for start, stop in sample.spans:
        assert not terminated[start : stop - 1].any()  # it ends where the episode does
        np.testing.assert_allclose(np.diff(time[start:stop]), pendulum.spec.control_period, atol=1e-4)
        np.testing.assert_array_equal(
            sample.flat["next_state.pole_angle"][start : stop - 1], sample.flat["state.pole_angle"][start + 1 : stop]
        )


def test_stored_trajectories_are_cut_and_joined(pendulum: Environment) -> None:
    whole = {field.name: np.zeros((300, *field.shape), np.float32) for field in pendulum.spec.fields}
    whole["cart_position"] = np.arange(300, dtype=np.float32)
    arrays = {**whole, "action": np.ones((300, 1), np.float32), "terms": np.zeros((300, 2), np.float32)}
    stored = {f"g00c00/1/trajectory/best/{name}": array for name, array in arrays.items()}
    sample = sample_of(pendulum, [unflatten(stored, {}), ()])
    random = NUM_ENVS * FRAGMENT
    assert len(sample.flat["action"]) == random + 299
    assert [(a - random, b - random) for a, b in sample.spans if b > random] == [(0, 128), (128, 256), (256, 299)]
    assert sample.flat["state.cart_position"][random] == 0.0
    assert sample.flat["next_state.cart_position"][random] == 1.0
    assert sample.sums(np.ones((1, random + 299)))[0, -3:].tolist() == [128.0, 128.0, 43.0]


def test_trajectories_of_another_version_of_the_environment_are_left_out(pendulum: Environment) -> None:
    stored = {f"g00c00/0/trajectory/best/{name}": np.zeros((9, 1), np.float32) for name in ("action", "gone")}
    assert len(sample_of(pendulum, [unflatten(stored, {})]).flat["action"]) == NUM_ENVS * FRAGMENT


def member(candidate: str, seed: int, success: float | None, status: str = "trained") -> MemberResult:
    facts = {"candidate": candidate, "seed": seed, "status": status, "success": success}
    return MemberResult.model_validate(facts)


def test_the_difference_is_paired_by_seed() -> None:
    first = [member("a", 0, 1.0), member("a", 1, 5.0), member("a", 2, 3.0)]
    second = [member("b", 2, 2.0), member("b", 0, 0.0), member("b", 1, 4.0), member("b", 7, 99.0)]
    found = paired_difference(first, second, episodes=10)
    assert found is not None
    # 1 in every seed: the spread of the seeds is not in the interval
    assert (found.mean, found.low, found.high, found.seeds, found.episodes) == (1.0, 1.0, 1.0, 3, 30)


def test_no_difference_without_training_or_with_a_failure() -> None:
    assert paired_difference([], [], 10) is None
    assert paired_difference([member("a", 0, 1.0)], [member("b", 0, None, "failed")], 10) is None
