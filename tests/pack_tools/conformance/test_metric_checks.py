"""A metric that pays an episode of a tenth like a whole one is named, and the metrics of the packs are not."""

from __future__ import annotations

import pytest

from autoreward.critic import check_metric
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import load_task, task_names
from autoreward.pack_tools.conformance.metric_checks import check_early_end
from autoreward.records import Finding
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.thorough import packs

FALLS = ("hopper", "walker2d", "humanoid", "ant", "inverted_pendulum")


def told(sandbox: Sandbox, environment: Environment, code: str) -> list[Finding]:
    metric = check_metric(code, environment.spec, environment.spec.horizon, sandbox)
    return list(check_early_end(environment, "mine", metric, sandbox))


def metric(value: str) -> str:
    return f"""
def success(trajectory, params):
    valid = trajectory.valid > 0
    steps = jnp.maximum(jnp.sum(valid, axis=0), 1)
    speed = jnp.where(valid, trajectory.torso_velocity[..., 0], 0.0)
    x = {value}
    return {{"success": x, "progress": x}}
"""


@pytest.mark.parametrize(
    "value",
    ["jnp.sum(speed, axis=0) / steps", "jnp.max(speed, axis=0)", "-jnp.sum(jnp.square(speed), axis=0) - steps"],
    ids=["mean over the surviving steps", "fastest step", "a cost a step"],
)
def test_what_pays_for_ending_early_is_named(sandbox: Sandbox, value: str) -> None:
    (finding,) = told(sandbox, open_environment("hopper"), metric(value))
    assert (finding.rule, finding.severity) == ("pack.metric", "warning")
    assert "ends after 100 of 1000 steps" in finding.message


@pytest.mark.parametrize("value", ["jnp.sum(speed, axis=0) / 1000", "jnp.mean(speed, axis=0)", "1.0 * steps"])
def test_what_counts_every_step_is_not(sandbox: Sandbox, value: str) -> None:
    assert told(sandbox, open_environment("hopper"), metric(value)) == []


def test_where_nothing_terminates_nothing_is_said(sandbox: Sandbox) -> None:
    assert told(sandbox, open_environment("half_cheetah"), metric("jnp.sum(speed, axis=0) / steps")) == []


@pytest.mark.parametrize("name", packs(FALLS))
def test_the_metrics_of_the_packs_count_every_step(sandbox: Sandbox, name: str) -> None:
    for task in task_names(open_environment(name).pack):
        environment = open_environment(name, task)
        stated = load_task(environment.pack, task).metric
        assert stated is not None
        assert told(sandbox, environment, stated.code) == []
