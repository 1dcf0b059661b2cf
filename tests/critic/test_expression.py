"""`--metric` expressions: their text as a metric, computed on episodes by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.critic.expression import metric_from_expression
from autoreward.errors import UnknownNameError, UsageError
from tests.reward.robot import ROBOT

# Two episodes of four steps; the second ends after two.
VALID = np.float32([[1, 1], [1, 1], [1, 0], [1, 0]])
HEIGHT = np.float32([[1, 5], [2, 7], [3, 9], [6, 9]])


def measured(text: str) -> list[float]:
    names: dict[str, Any] = {}
    source = metric_from_expression(text, ROBOT)
    exec(compile(source, "<metric>", "exec"), names)  # noqa: S102
    velocity = jnp.stack([jnp.asarray(HEIGHT)] * 3, axis=-1)
    trajectory = SimpleNamespace(valid=jnp.asarray(VALID), torso_height=jnp.asarray(HEIGHT), torso_velocity=velocity)
    return [round(float(value), 4) for value in names["success"](trajectory, {})["success"]]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("mean(torso_height)", [3.0, 3.0]),  # 12 / 4 and (5 + 7) / 4
        ("mean_alive(torso_height)", [3.0, 6.0]),
        ("sum(torso_height)", [12.0, 12.0]),
        ("max(torso_height) - min(torso_height)", [5.0, 2.0]),
        ("last(torso_height) + first(torso_height)", [7.0, 12.0]),
        ("sqrt(last(torso_velocity)[..., 1] * 6)", [6.0, 6.4807]),
        ("norm(last(torso_velocity))", [10.3923, 12.1244]),
        ("jnp.abs(-mean(torso_height))", [3.0, 3.0]),
    ],
)
def test_by_hand(text: str, values: list[float]) -> None:
    assert measured(text) == values


@pytest.mark.parametrize(
    ("text", "words"),
    [("torso_height", "gives one number a step"), ("mean(", "is no expression"), ("", "is no expression")],
)
def test_what_is_no_metric(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as error:
        metric_from_expression(text, ROBOT)
    assert "Reduce over time" in str(error.value.remedy)


@pytest.mark.parametrize("text", ["mean(torso_hight)", "meen(last(torso_height))", "mean(eval(torso_height))"])
def test_unknown_names(text: str) -> None:
    with pytest.raises(UnknownNameError):
        metric_from_expression(text, ROBOT)


def test_a_text_with_quotes_stays_inside_its_docstring() -> None:
    assert measured('mean(torso_height)  # """') == [3.0, 3.0]
