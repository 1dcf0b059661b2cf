"""The networks of one member and the numbers of its Gaussian policy, against their formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from autoreward.environment.declarations import ActionRange
from autoreward.trainer.population import policy


@pytest.fixture(scope="module")
def parameters() -> policy.Parameters:
    return policy.initial_parameters(np.random.default_rng(0), 3, 2, (16, 8), math.log(0.5))


def test_shapes_and_first_actions_near_zero(parameters: policy.Parameters) -> None:
    observation = np.ones((5, 4, 3), np.float32)
    assert policy.action_mean(parameters, observation).shape == (5, 4, 2)
    assert policy.value(parameters, observation).shape == (5, 4)
    assert np.abs(policy.action_mean(parameters, observation)).max() < 0.05


@pytest.mark.parametrize("layer", [0, 1])
def test_layers_are_orthogonal_with_their_gain(parameters: policy.Parameters, layer: int) -> None:
    weights, bias = parameters.actor[layer]
    small = weights.T @ weights if weights.shape[0] >= weights.shape[1] else weights @ weights.T
    np.testing.assert_allclose(small, 2.0 * np.eye(len(small)), atol=1e-5)  # sqrt(2) squared
    assert not bias.any()


def test_the_same_numbers_make_the_same_member() -> None:
    one, other = (policy.initial_parameters(np.random.default_rng(7), 3, 2, (4,), 0.0) for _ in range(2))
    np.testing.assert_array_equal(one.actor[0][0], other.actor[0][0])


@given(st.lists(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=8), min_size=1, max_size=5))
def test_running_stats_are_those_of_all_data(batches: list[list[float]]) -> None:
    stats = policy.RunningStats(np.zeros((), np.float64), np.ones((), np.float64), np.asarray(1e-9))
    for batch in batches:
        stats = policy.update_stats(stats, np.asarray(batch, np.float64))
    everything = np.concatenate([np.asarray(batch) for batch in batches])
    assert stats.mean == pytest.approx(everything.mean(), abs=1e-5)
    assert stats.var == pytest.approx(everything.var(), abs=1e-5)
    assert stats.count == pytest.approx(len(everything))


def test_observations_are_scaled_and_clipped() -> None:
    stats = policy.RunningStats(np.float32([1.0]), np.float32([4.0]), np.float32(9.0))
    found = policy.normalise(stats, np.float32([[1.0], [3.0], [1e6], [-1e6]]))
    np.testing.assert_allclose(found[:, 0], [0.0, 1.0, 10.0, -10.0], rtol=1e-5)


def test_the_density_is_that_of_a_gaussian(parameters: policy.Parameters) -> None:
    observation, action = np.float32([[0.1, -0.2, 0.3]]), np.float32([[0.4, -0.7]])
    mean = np.asarray(policy.action_mean(parameters, observation), np.float64)
    expected = scipy.stats.norm.logpdf(action, mean, 0.5).sum()
    assert float(policy.log_probability(parameters, observation, action)[0]) == pytest.approx(expected, rel=1e-5)
    assert float(policy.entropy(parameters)) == pytest.approx(2 * scipy.stats.norm.entropy(scale=0.5), rel=1e-5)


def test_an_action_is_cut_and_scaled_to_the_range_of_the_environment() -> None:
    actions = ActionRange(np.float64([-2.0, 0.0]), np.float64([2.0, 1.0]))
    found = policy.scale_action(np.float32([[0.5, 0.0], [9.0, -9.0]]), actions)
    np.testing.assert_allclose(found, [[1.0, 0.5], [2.0, 0.0]])
