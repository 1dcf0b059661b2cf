"""What a robot can be commanded, and what it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autoreward.environment.lazy_fields import computed
from autoreward.environment.pack import Pack, data_view
from autoreward.errors import UnknownNameError, UsageError
from autoreward.pack_tools.scaffold.commands import decide_commands
from tests.pack_tools.conftest import played
from tests.pack_tools.scaffold.anatomies import robot

Make = Callable[..., Pack]


@pytest.mark.parametrize(
    ("name", "asked", "message"),
    [
        ("arm", ["velocity"], "the base of this robot is fixed"),
        ("arm", ["heading"], "the base of this robot is fixed"),
        ("arm", ["orientation"], "no loose object to be turned"),
        ("quadruped", ["velocity:trunk"], "velocity is of the robot's base"),
        ("quadruped", ["velocity", "velocity"], "it is asked for twice"),
        ("led", ["target:cube", "target:cube", "target:cube"], "it is asked for twice"),
    ],
)
def test_what_a_robot_cannot_follow_is_said(name: str, asked: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        decide_commands(robot(name), asked)


@pytest.mark.parametrize("asked", ["speed", "target:cub"])
def test_unknown_names_are_told_with_the_known(asked: str) -> None:
    with pytest.raises(UnknownNameError, match="named"):
        decide_commands(robot("led"), [asked])


def test_an_object_is_brought_somewhere_around_and_above_its_start() -> None:
    (target,) = decide_commands(robot("led"), ["target:cube"])
    assert target.low == pytest.approx((0.45, -0.15, 0.03)) and target.high == pytest.approx((0.75, 0.15, 0.28))
    assert target.of == "cube"


def test_two_targets_have_names_of_their_own() -> None:
    first, second = decide_commands(robot("led"), ["target", "target:cube"])
    names = [draft.name for one in (first, second) for draft in one.drafts]
    assert names == ["target_position", "target_offset", "cube_target_position", "cube_target_offset"]
    assert second.key == "cube_target" and 'memory["cube_target"]' in second.drafts[0].expression


def test_the_heading_error_is_wrapped(make: Make) -> None:
    pack = make("quadruped", commands=["heading"])
    _, rollout, _ = played(pack, steps=1)
    arrays = {name: array[0, :1].copy() for name, array in rollout.after.items()}
    arrays["qpos"][0, 3:7] = [np.cos(1.5), 0.0, 0.0, np.sin(1.5)]  # it faces 3 rad to the left of +x
    memory = {name: array[0, :1].copy() for name, array in rollout.memory_after.items()}
    memory["heading"] = np.array([[-3.0]])
    fields = computed(pack.fields(np, data_view(arrays), memory))
    np.testing.assert_allclose(fields["heading_error"], [6.0 - 2.0 * np.pi], atol=1e-12)


def test_an_object_is_turned_by_the_angle_between_two_orientations(make: Make) -> None:
    pack = make("led", commands=["orientation"])
    _, rollout, fields = played(pack, steps=3)
    one, goal = fields["cube_rotation"], fields["cube_goal_rotation"]
    np.testing.assert_allclose(np.linalg.norm(goal, axis=-1), 1.0, rtol=1e-5)
    expected = 2.0 * np.arccos(np.clip(np.abs((one * goal).sum(axis=-1)), 0.0, 1.0))
    np.testing.assert_allclose(fields["cube_turn_error"], expected, atol=1e-3)
    assert rollout.memory_after["cube_goal"].min() >= 0.0


def test_commands_are_drawn_anew_within_an_episode(make: Make) -> None:
    pack = make("arm", commands=["target"], every=0.1)
    _, rollout, fields = played(pack, steps=20)
    target: Any = fields["target_position"][:, 0]
    changes = np.flatnonzero(np.any(target[1:] != target[:-1], axis=-1)) + 1
    assert changes.tolist() == [4, 9, 14, 19]  # after 5, 10, ... steps of 0.02 s
    low, high = rollout.memory_after["target_share"].min(), rollout.memory_after["target_share"].max()
    assert 0.0 <= low < high <= 1.0
