"""The example tasks of a new pack follow from the kind of its base and from its command."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autoreward.pack_tools.scaffold.commands import decide_commands
from autoreward.pack_tools.scaffold.examples import Example, draft_examples
from autoreward.pack_tools.scaffold.poses import measure_reach
from tests.pack_tools.scaffold.anatomies import robot

FORWARD = (0.6, 0.8, 0.0)


def drafted(name: str, command: str | None = None) -> dict[str, Example]:
    anatomy = robot(name)
    reach = measure_reach(anatomy, anatomy.ends[0]) if anatomy.ends else None
    commands = decide_commands(anatomy, [command] if command else [])
    return {one.name: one for one in draft_examples(anatomy, FORWARD, 10.0, commands, reach)}


@pytest.mark.parametrize(
    ("name", "command", "names"),
    [
        ("arm", None, ["raise"]),
        ("arm", "target", ["reach", "raise"]),
        ("quadruped", None, ["forward", "stand", "turn", "jump"]),
        ("quadruped", "velocity", ["follow", "forward", "stand", "turn", "jump"]),
        ("quadruped", "target", ["reach", "forward", "stand", "turn", "jump"]),
        ("quadruped", "heading", ["face", "forward", "stand", "turn", "jump"]),
        ("led", "target:cube", ["place", "raise", "push", "lift", "open"]),
        ("led", "orientation", ["turn", "raise", "push", "lift", "open"]),
    ],
)
def test_what_a_robot_of_this_kind_can_be_asked_first(name: str, command: str | None, names: list[str]) -> None:
    assert list(drafted(name, command)) == names


def test_forward_is_measured_along_the_direction() -> None:
    one = drafted("quadruped")["forward"]
    assert "0.6 * trajectory.trunk_mean_velocity[..., 0] + 0.8 * trajectory.trunk_mean_velocity[..., 1]" in one.body[0]
    assert (one.unit, one.reference) == ("m", 10.0)  # a metre a second


def test_every_example_says_what_it_measures() -> None:
    for name, command in (("arm", "target"), ("quadruped", "velocity")):
        for one in drafted(name, command).values():
            assert one.text and one.meaning and one.unit and one.doc
            assert one.reference != 0.0
            assert any("trajectory.valid" in line for line in one.body), one.name


def measured(one: Example, horizon: int = 100, hold: int = 25, **fields: Any) -> tuple[Any, Any]:
    """Success and progress of an example's metric over fields `[T, N, ...]`, valid unless `valid` is given."""
    source = "\n    ".join(["def success(trajectory, params):", *one.body]).replace("HOLD", str(hold))
    scope: dict[str, Any] = {"jnp": np}
    exec(source, scope)  # noqa: S102
    params = eval(one.params.replace("HORIZON", str(horizon)).replace("CONTROL_PERIOD", "0.02"))
    shape = next(iter(fields.values())).shape[:2]
    given = scope["success"](SimpleNamespace(**{"valid": np.ones(shape), **fields}), params)
    return given["success"], given["progress"]


def test_a_place_is_reached_where_it_is_held_for_half_a_second() -> None:
    offset = np.full((100, 3, 3), 1.0)
    offset[40:65, 0] = 0.01  # 25 steps of 0.02 s
    offset[40:64, 1] = 0.01  # one less
    offset[20:90:2, 2] = 0.01  # every other
    success, progress = measured(drafted("arm", "target")["reach"], target_offset=offset)
    assert success.tolist() == [1.0, 0.0, 0.0] and progress[0] > progress[1] > 0.0


def test_following_is_measured_by_the_mean_error() -> None:
    one = drafted("quadruped", "velocity")["follow"]
    error, valid = np.full((100, 2), 0.1), np.ones((100, 2))
    valid[50:, 1] = 0.0  # it fell
    success, progress = measured(one, velocity_error=error, valid=valid)
    np.testing.assert_allclose(success, [-0.1, -0.55])
    assert one.unit == "m/s" and progress[0] == pytest.approx(2 * progress[1]) and progress[1] > 0.4


def test_turning_is_measured_about_the_vertical() -> None:
    spin, down = np.zeros((100, 1, 3)), np.zeros((100, 1, 3))
    spin[..., 2], down[..., 2] = 0.5, -1.0
    success, _ = measured(drafted("quadruped")["turn"], trunk_angular_velocity=spin, trunk_gravity=down)
    np.testing.assert_allclose(success, [1.0])  # 0.5 rad/s for 2 s


def test_an_object_is_pushed_forward() -> None:
    one = drafted("led")["push"]
    place = np.array(eval(one.body[0].partition("jnp.array(")[2][:-1]))
    cube = np.zeros((100, 2, 3)) + place
    cube[:, 1] -= np.array(FORWARD) * 0.2  # where it starts
    success, _ = measured(one, cube_position=cube)
    assert success.tolist() == [1.0, 0.0]


def test_a_robot_that_lies_has_to_get_up() -> None:
    anatomy = robot("quadruped")
    names = [one.name for one in draft_examples(anatomy, FORWARD, 10.0, (), None, upright=False)]
    assert names == ["forward", "get_up"]


def test_a_door_opens_from_where_it_is_shut() -> None:
    one = drafted("led")["open"]
    assert '"shut": 0, "wide": 1.5' in one.params and "door_hinge_angle" in one.body[0]
