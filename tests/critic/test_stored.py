"""A stored program is what was accepted, or it is refused; nothing of it is run."""

from __future__ import annotations

from typing import Any

import pytest

from autoreward.critic.expression import metric_from_expression
from autoreward.critic.stored import stored_metric_errors, stored_reward_errors, stored_source_errors
from autoreward.records import CompiledMetric, CompiledReward
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import FORWARD, ROBOT

POTENTIAL = "def potential(state, params):\n    return -jnp.abs(state.torso_height)\n"


@pytest.fixture(scope="module")
def reward(sandbox: Sandbox) -> CompiledReward:
    compiled = sandbox.trace_reward(FORWARD, ROBOT).compiled
    assert compiled is not None
    return compiled


@pytest.fixture(scope="module")
def metric(sandbox: Sandbox) -> CompiledMetric:
    compiled = sandbox.trace_metric(metric_from_expression("max(torso_height)", ROBOT), ROBOT, ROBOT.horizon).compiled
    assert compiled is not None
    return compiled


def test_what_was_accepted_stays_accepted(reward: CompiledReward, metric: CompiledMetric) -> None:
    assert stored_source_errors(FORWARD, ROBOT, shaping_only=False) == ()
    assert stored_reward_errors(reward, ROBOT) == ()
    assert stored_metric_errors(metric, ROBOT) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64},
        {"program": b"\0" * 64},
        {"weights": {"forward": float("nan"), "effort": -0.1}},
        {"weights": {"a\n__import__('os')": 1.0}},
        {"weights": {}},
        {"term_names": ("effort", "forward")},
        {"inputs": ("next_state.secret",)},
        {"params": {"scale": float("inf")}},
    ],
    ids=str,
)
def test_a_changed_reward_is_refused(reward: CompiledReward, change: dict[str, Any]) -> None:
    (error,) = stored_reward_errors(reward.model_copy(update=change), ROBOT)
    assert (error.rule, error.severity) == ("program.stored", "error")


def test_another_program_under_its_own_digest_is_inspected(reward: CompiledReward, metric: CompiledMetric) -> None:
    swapped = reward.model_copy(update={"program": metric.program, "digest": metric.digest})
    assert stored_reward_errors(swapped, ROBOT)  # its inputs and outputs are not those of this reward


@pytest.mark.parametrize("change", [{"digest": "0" * 64}, {"horizon": 41}, {"inputs": ("secret",)}], ids=str)
def test_a_changed_metric_is_refused(metric: CompiledMetric, change: dict[str, Any]) -> None:
    (error,) = stored_metric_errors(metric.model_copy(update=change), ROBOT)
    assert error.rule == "program.stored"


def test_a_source_is_held_to_the_rules_it_was_accepted_by() -> None:
    (error, *_) = stored_source_errors(f"import os\n{FORWARD}", ROBOT, shaping_only=False)
    assert (error.severity, error.line) == ("error", 1)
    assert stored_source_errors(POTENTIAL, ROBOT, shaping_only=True) == ()
    assert stored_source_errors(POTENTIAL, ROBOT, shaping_only=False)
    paid = stored_source_errors(FORWARD, ROBOT, shaping_only=True)
    assert "shaping.terms" in {finding.rule for finding in paid}
