"""Compiled programs as the trainer calls them."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.records import CompiledReward
from autoreward.reward.program import MetricProgram, RewardProgram
from autoreward.reward.sandbox.sandbox import Sandbox, flat_transitions
from tests.reward.robot import FORWARD, ROBOT, transitions

METRIC = """
PARAMS = {"top": 2.0}


def success(trajectory, params):
    valid = trajectory.valid > 0
    steps = jnp.maximum(jnp.sum(valid, axis=0), 1)
    speed = jnp.sum(jnp.where(valid, trajectory.torso_velocity[..., 0], 0.0), axis=0) / steps
    return {"success": speed, "progress": jnp.clip(speed / params["top"], 0.0, 1.0)}
"""


@pytest.fixture(scope="module")
def compiled(sandbox: Sandbox) -> CompiledReward:
    reward = sandbox.trace_reward(FORWARD, ROBOT).compiled
    assert reward is not None
    return reward


def test_terms_and_potential(compiled: CompiledReward) -> None:
    program = RewardProgram(compiled)
    arrays = flat_transitions(transitions(5))
    terms, phi_state, phi_next = program(arrays)
    assert program.term_names == ("forward", "effort")
    assert "params.scale" not in program.inputs
    np.testing.assert_allclose(terms[:, 0], arrays["next_state.torso_velocity"][:, 0] / 2.0, rtol=1e-6)
    np.testing.assert_allclose(terms[:, 1], np.square(arrays["action"]).sum(axis=-1), rtol=1e-6)
    np.testing.assert_allclose(phi_state, -np.linalg.norm(arrays["state.goal_offset"], axis=-1), rtol=1e-6)
    np.testing.assert_allclose(phi_next, -np.linalg.norm(arrays["next_state.goal_offset"], axis=-1), rtol=1e-6)
    assert {array.dtype for array in (terms, phi_state, phi_next)} == {np.dtype("float32")}


def test_params_replace_the_programs_own(compiled: CompiledReward) -> None:
    arrays = flat_transitions(transitions(5))
    terms, _, _ = RewardProgram(compiled)(arrays, {"scale": 4.0})
    np.testing.assert_allclose(terms[:, 0], arrays["next_state.torso_velocity"][:, 0] / 4.0, rtol=1e-6)


def test_no_potential_gives_zeros(sandbox: Sandbox) -> None:
    source = FORWARD.split("def potential")[0]
    reward = sandbox.trace_reward(source, ROBOT).compiled
    assert reward is not None
    _, phi_state, phi_next = RewardProgram(reward)(flat_transitions(transitions(3)))
    np.testing.assert_array_equal(phi_state, np.zeros(3))
    np.testing.assert_array_equal(phi_next, np.zeros(3))


def test_a_record_survives_json(compiled: CompiledReward) -> None:
    again = CompiledReward.model_validate_json(compiled.model_dump_json())
    assert again == compiled
    assert list(again.weights) == list(compiled.weights)


def test_a_metric_never_sees_what_stands_behind_an_episode(sandbox: Sandbox) -> None:
    """Also one that the critic would refuse, and also NaN, which a mask by multiplication would let through."""
    source = METRIC.replace(
        "jnp.where(valid, trajectory.torso_velocity[..., 0], 0.0)", "trajectory.torso_velocity[..., 0]"
    )
    assert source != METRIC
    metric = sandbox.trace_metric(source, ROBOT, horizon=3).compiled
    assert metric is not None
    velocity = np.full((3, 2, 3), np.nan, np.float32)
    velocity[:2, :, 0] = [[1.0, 3.0], [2.0, 5.0]]
    valid = np.array([[True, True], [True, True], [False, False]])
    success, _ = MetricProgram(metric)({"torso_velocity": velocity, "valid": valid})
    np.testing.assert_allclose(success, [1.5, 4.0])


def test_metric_counts_valid_steps_only(sandbox: Sandbox) -> None:
    metric = sandbox.trace_metric(METRIC, ROBOT, horizon=3).compiled
    assert metric is not None
    assert metric.inputs == ("torso_velocity", "valid")
    velocity = np.zeros((3, 2, 3), np.float32)
    velocity[:, 0, 0] = [1.0, 2.0, 3.0]
    velocity[:, 1, 0] = [1.0, 2.0, 99.0]
    valid = np.array([[True, True], [True, True], [True, False]])
    success, progress = MetricProgram(metric)({"torso_velocity": velocity, "valid": valid, "ignored": velocity})
    np.testing.assert_allclose(success, [2.0, 1.5])
    np.testing.assert_allclose(progress, [1.0, 0.75])
