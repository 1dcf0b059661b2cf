"""The example tasks of a new pack follow from the kind of its base and from its command."""

from __future__ import annotations

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
        ("quadruped", None, ["forward", "stand", "jump"]),
        ("quadruped", "velocity", ["follow", "forward", "stand", "jump"]),
        ("quadruped", "target", ["reach", "forward", "stand", "jump"]),
        ("quadruped", "heading", ["face", "forward", "stand", "jump"]),
        ("led", "target:cube", ["place", "raise", "lift", "open"]),
        ("led", "orientation", ["turn", "raise", "lift", "open"]),
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


def test_a_robot_that_lies_has_to_get_up() -> None:
    anatomy = robot("quadruped")
    names = [one.name for one in draft_examples(anatomy, FORWARD, 10.0, (), None, upright=False)]
    assert names == ["forward", "get_up"]


def test_a_door_opens_from_where_it_is_shut() -> None:
    one = drafted("led")["open"]
    assert '"shut": 0, "wide": 1.5' in one.params and "door_hinge_angle" in one.body[0]
