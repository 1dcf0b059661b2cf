"""Metrics written by people, as functions and as expressions."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

from autoreward.critic import check, check_metric, metric_from_expression
from autoreward.critic.metrics import check_metric_static, rounding_slack
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UnknownNameError, UsageError
from autoreward.reward.language.grammar import guide
from autoreward.reward.program import MetricProgram
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import ROBOT

CHECKOUT = Path(__file__).resolve().parent.parent.parent
HORIZON = 4
VELOCITY = np.zeros((HORIZON, 2, 3), np.float32)
VELOCITY[:, 0, 0] = [1.0, 2.0, 3.0, 4.0]
VELOCITY[:, 1, 0] = [-1.0, -2.0, 50.0, 50.0]
VALID = np.array([[1, 1], [1, 1], [1, 0], [1, 0]], np.float32)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("mean(torso_velocity[..., 0])", [2.5, -0.75]),
        ("mean_alive(torso_velocity[..., 0])", [2.5, -1.5]),
        ("sum(torso_velocity[..., 0])", [10.0, -3.0]),
        ("max(torso_velocity[..., 0])", [4.0, -1.0]),
        ("min(torso_velocity[..., 0])", [1.0, -2.0]),
        ("first(torso_velocity[..., 0])", [1.0, -1.0]),
        ("last(torso_velocity[..., 0])", [4.0, -2.0]),
        ("last(norm(torso_velocity)) - 1", [3.0, 1.0]),
        ("mean_alive(torso_velocity)[..., 0] > 0", [1.0, 0.0]),
        ("max(jnp.abs(torso_velocity[..., 0])) * math.e / math.e", [4.0, 2.0]),
        ("minimum(mean(square(torso_velocity[..., 0])), 5.0)", [5.0, 1.25]),
    ],
)
def test_expression_by_hand(sandbox: Sandbox, expression: str, expected: list[float]) -> None:
    metric = check_metric(metric_from_expression(expression, ROBOT), ROBOT, HORIZON, sandbox)
    success, progress = MetricProgram(metric)({"torso_velocity": VELOCITY, "valid": VALID})
    np.testing.assert_allclose(success, expected, rtol=1e-6)
    np.testing.assert_allclose(progress, expected, rtol=1e-6)


def test_lunging_and_falling_does_not_beat_surviving(sandbox: Sandbox) -> None:
    horizon = 500
    velocity, valid = np.zeros((horizon, 2, 3), np.float32), np.zeros((horizon, 2), np.float32)
    velocity[:8, 0, 0], valid[:8, 0] = 2.5, 1.0  # lunges, and falls after 8 steps
    velocity[:, 1, 0], valid[:, 1] = 1.0, 1.0  # walks to the end
    for expression, expected in (
        ("mean(torso_velocity[..., 0])", [0.04, 1.0]),  # 8 * 2.5 / 500
        ("mean_alive(torso_velocity[..., 0])", [2.5, 1.0]),
    ):
        metric = check_metric(metric_from_expression(expression, ROBOT), ROBOT, horizon, sandbox)
        success, _ = MetricProgram(metric)({"torso_velocity": velocity, "valid": valid})
        np.testing.assert_allclose(success, expected, rtol=1e-6)


@pytest.mark.parametrize("file", ["README.md", "autoreward/SKILL.md", "autoreward/reward/language/guide.j2"])
def test_expressions_of_the_texts_are_metrics(file: str) -> None:
    told = re.findall(r"--metric '([^']+)'", (CHECKOUT / file).read_text())
    assert told
    spec = open_environment("half_cheetah").spec
    for expression in told:
        assert check_metric_static(metric_from_expression(expression, spec), spec) == []


def test_the_metric_of_the_guide_pays_for_the_whole_episode(sandbox: Sandbox) -> None:
    page = guide()
    source = textwrap.dedent(page[page.index("    def success") :].split("\n\n")[0]) + "\n"
    environment = open_environment("half_cheetah")
    metric = check_metric(source, environment.spec, 10, sandbox)
    velocity, valid = np.zeros((10, 2, 3), np.float32), np.zeros((10, 2), np.float32)
    velocity[:2, 0, 0], valid[:2, 0] = 2.5, 1.0  # lunges, and falls
    velocity[:, 1, 0], valid[:, 1] = 1.0, 1.0
    success, _ = MetricProgram(metric)({"torso_velocity": velocity, "valid": valid})
    np.testing.assert_allclose(success, [0.5, 1.0], rtol=1e-6)  # 2 * 2.5 / 10


def test_the_reward_of_the_guide_is_accepted_for_half_cheetah_and_its_potential_is_not_negative(
    sandbox: Sandbox,
) -> None:
    page = guide()
    source = textwrap.dedent(page[page.index('    """Run') : page.index("What it means")])
    environment = open_environment("half_cheetah")
    (verdict,) = check([("guide", source)], environment.spec, environment.transitions, sandbox)
    assert (verdict.status, verdict.findings) == ("accepted", ())
    up = environment.transitions.state["torso_up"]
    assert (0.5 * (1.0 + up[..., 2]) >= -1e-6).all() and "0.5 * (1.0 + state.torso_up[..., 2])" in source


def test_unknown_field_lists_the_ones_that_exist() -> None:
    with pytest.raises(UnknownNameError) as caught:
        metric_from_expression("mean(torso_velocty[..., 0])", ROBOT)
    assert caught.value.nearest == "torso_velocity"
    assert "goal_offset" in caught.value.remedy


@pytest.mark.parametrize(
    "expression",
    ["torso_velocity[..., 0]", "mean(torso_velocity[..., 0]", "", "mean = 1", "mean(open('x'))", "norm(action)"],
)
def test_an_expression_that_is_none_is_a_usage_error(expression: str) -> None:
    with pytest.raises(UsageError):
        metric_from_expression(expression, ROBOT)


@pytest.mark.parametrize(
    "expression", ["mean(action).__class__", "mean(torso_velocity)", "mean(jnp.foo(action))", "mean(action[..., 99])"]
)
def test_an_expression_outside_the_language_is_a_usage_error(sandbox: Sandbox, expression: str) -> None:
    with pytest.raises(UsageError):
        check_metric(metric_from_expression(expression, ROBOT), ROBOT, HORIZON, sandbox)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("x = jnp.mean(trajectory.time, axis=0)", "after the end of an episode"),
        ("x = trajectory.time[-1]", "after the end of an episode"),
        ("x = trajectory.time[0] - jnp.mean(trajectory.time[0])", "over the episodes"),
        ("x = trajectory.time[0] + jnp.max(trajectory.time[0] > 1e9)", "one episode would depend on others"),
        ("x = trajectory.time[0] + trajectory.time.shape[1] // 7", "of a metric: of episodes) is used as a number"),
        ("t = trajectory.time; x = t[0] + jnp.sum(t < -1e4, axis=0)", "after the end of an episode"),
        ("t = trajectory.time; x = t[0] + jnp.sum(t > 1e4, axis=0)", "after the end of an episode"),
        ("t = trajectory.time; x = t[0] + jnp.any((t > 20.0) & (t < 900.0), axis=0)", "after the end of an episode"),
        ("x = jnp.log(-trajectory.time[0] - 1.0)", "is nan"),
        ("x = trajectory.tim[0]", "trajectory.tim"),
        ("x = trajectory.action[0, :, 99]", "index 99 is out of bounds for axis 2"),
        ("x = jnp.sum(trajectory.valid)", "shape ()"),
        ("x = max(0.0, trajectory.time[0])", "max or min"),
        ("import os", "import inside a function"),
    ],
)
def test_a_wrong_metric_is_a_usage_error(sandbox: Sandbox, body: str, said: str) -> None:
    code = f"def success(trajectory, params):\n    {body}\n    return {{'success': x, 'progress': x}}\n"
    with pytest.raises(UsageError) as caught:
        check_metric(code, ROBOT, HORIZON, sandbox)
    assert said in str(caught.value)


@pytest.mark.parametrize(("factor", "notes"), [("0.0", 1), ("1.0", 0)])
def test_a_success_that_never_varies_is_told(sandbox: Sandbox, factor: str, notes: int) -> None:
    lines = (
        "x = jnp.sum(trajectory.torso_velocity[..., 0] * trajectory.valid, axis=0)",
        f"return {{'success': {factor} * x + 5.0, 'progress': 0.0 * x}}",
    )
    told: list[str] = []
    code = "def success(trajectory, params):\n    " + "\n    ".join(lines) + "\n"
    check_metric(code, ROBOT, HORIZON, sandbox, told.append)
    assert len(told) == notes
    assert all("success is 5 for every episode" in line for line in told)


LARGE = ROBOT.model_copy(
    update={
        "fields": tuple(
            field.model_copy(update={"low": -300.0, "high": 300.0}) if field.name == "torso_velocity" else field
            for field in ROBOT.fields
        )
    }
)


@pytest.mark.parametrize(
    "what", ["torso_velocity[..., 0]", "square(torso_velocity[..., 0]) - square(torso_velocity[..., 1])"]
)
def test_sums_that_cancel_may_be_rounded_in_another_order(sandbox: Sandbox, what: str) -> None:
    check_metric(metric_from_expression(f"sum({what})", LARGE), LARGE, 1000, sandbox)


def test_a_small_dependence_on_what_stands_behind_the_end_is_seen_whatever_the_size_of_the_field(
    sandbox: Sandbox,
) -> None:
    code = """
def success(trajectory, params):
    x = trajectory.torso_velocity[..., 0]
    mine = jnp.mean(jnp.where(trajectory.valid > 0, x, 0.0), axis=0)
    return {"success": mine + 3e-7 * jnp.clip(jnp.sum(x, axis=0), -300.0, 300.0), "progress": mine}
"""
    with pytest.raises(UsageError, match="after the end of an episode"):
        check_metric(code, LARGE, 1000, sandbox)


def test_the_slack_is_that_of_the_random_walk_of_partial_sums() -> None:
    values = np.array([5.0, 2.0])
    nudged = [values + np.array([1e-4, -3e-4]), values + np.array([2e-4, 1e-4])]  # the smaller of 3e-4 and 2e-4
    assert rounding_slack(values, nudged, 400) == pytest.approx(4.0 * 20.0 * 2e-4)
    assert rounding_slack(values, [values, values + 1.0], 400) == 0.0  # a jump in one of them


def test_a_metric_needs_its_function(sandbox: Sandbox) -> None:
    with pytest.raises(UsageError, match="no function success"):
        check_metric("def metric(trajectory):\n    return 1.0\n", ROBOT, HORIZON, sandbox)
