"""The metric that a text suggests: what its words say, or nothing where they would mislead."""

from __future__ import annotations

import pytest

from autoreward.critic.expression import metric_from_expression
from autoreward.designer.compose.suggestion import suggest_metric
from autoreward.environment.random_rollout import open_environment
from autoreward.records import EnvSpec
from tests.designer.env_specs import BARE, RUNNER, TEXTS

ENDLESS = RUNNER.model_copy(update={"termination": "never"})


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("Run forward.", "mean(torso_velocity[..., 0])"),
        ("Run backward.", "mean(-torso_velocity[..., 0])"),
        ("Walk at 1.5 m/s.", "mean(exp(-abs(torso_velocity[..., 0] - 1.5)))"),
        ("Jump as high as you can.", "max(torso_position[..., 2])"),
        ("Get down.", "-mean(torso_position[..., 2])"),
        ("Balance.", "-mean(square(torso_pitch))"),
        ("Never fall over.", "-mean(square(torso_pitch))"),
        ("Stay there.", None),  # every goal of it has a width, which a metric cannot have
        ("Fall over.", None),  # single words would ask for the opposite
        ("Walk slowly.", None),
        ("Move left.", None),  # the world does not say where that is
        ("Spin around.", None),  # nothing tells of it: the pitch is no turn
        ("Qwertz!", None),
    ],
)
def test_a_text_suggests_a_metric(text: str, metric: str | None) -> None:
    assert suggest_metric(text, ENDLESS) == metric
    if metric is not None:
        assert "def success(" in metric_from_expression(metric, ENDLESS)  # what --metric takes


@pytest.mark.parametrize(("text", "metric"), [("Balance.", "mean(1 / (1 + square(torso_pitch)))"), ("Get down.", None)])
def test_where_episodes_can_end_early_an_end_is_never_the_best(text: str, metric: str | None) -> None:
    ending = RUNNER.model_copy(update={"termination": "when it falls"})
    assert suggest_metric(text, ending) == metric
    if metric is not None:
        assert "def success(" in metric_from_expression(metric, ending)


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("Wave the right arm.", None),
        ("Lift its left leg and run forward.", "mean(torso_mean_velocity[..., 0])"),
        ("Move to the left.", "mean(torso_mean_velocity[..., 1])"),
        ("Run right.", "mean(-torso_mean_velocity[..., 1])"),
        ("Spin to the left.", "mean(torso_angular_velocity[..., 2])"),
        ("Spin to the right.", "mean(-torso_angular_velocity[..., 2])"),
        ("Turn clockwise.", "mean(-torso_angular_velocity[..., 2])"),
        ("Turn counterclockwise.", "mean(torso_angular_velocity[..., 2])"),
    ],
)
def test_sides(text: str, metric: str | None) -> None:
    assert suggest_metric(text, ANT) == metric


ANT: EnvSpec = open_environment("ant").spec


def test_no_field_no_suggestion() -> None:
    assert [suggest_metric(text, BARE) for text in TEXTS] == [None] * len(TEXTS)
