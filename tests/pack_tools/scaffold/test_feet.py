"""Feet, soles and the ground that they stand on."""

from __future__ import annotations

import pytest

from autoreward.pack_tools.scaffold.feet import find_feet, find_ground
from tests.pack_tools.scaffold.anatomies import robot, written

FLOOR = '<geom name="floor" type="plane" size="5 5 0.1" pos="0 0 {}"/>'
SHIN = '<geom size="0.02" fromto="0 0 0 0 0 -0.2" type="capsule"/>'
LIMB = '<body name="{}" pos="0 {} {}"><joint name="{}" axis="0 1 0"/>' + SHIN + "</body>"


def test_the_lowest_ends_are_feet_and_hands_are_not() -> None:
    limbs = LIMB.format("left", 0.1, 0, "l") + LIMB.format("right", -0.1, 0, "r") + LIMB.format("hand", 0, 0.5, "h")
    body = f'<body name="hull" pos="0 0 0.5"><freejoint/><geom size="0.05"/>{limbs}</body>'
    motors = "".join(f'<motor joint="{joint}"/>' for joint in "lrh")
    feet = find_feet(written(body, motors))
    assert [foot.end.name for foot in feet] == ["left", "right"]
    assert feet[0].sole == pytest.approx(0.12)  # from the middle of the shin: 0.1 m and the radius


def test_wheels_and_fixed_robots_have_no_feet() -> None:
    assert find_feet(robot("wheeler")) == () and find_feet(robot("arm")) == ()


def test_a_sole_is_below_the_site_of_its_foot() -> None:
    feet = find_feet(robot("quadruped"))
    assert len(feet) == 4 and all(foot.sole == pytest.approx(0.025, abs=1e-3) for foot in feet)


@pytest.mark.parametrize(("ground", "height"), [(FLOOR.format(0), 0.0), (FLOOR.format(-0.2), -0.2), ("", None)])
def test_the_ground_is_a_level_plane(ground: str, height: float | None) -> None:
    body = '<body name="hull"><freejoint/><geom size="0.05"/></body>'
    found = find_ground(written(ground + body))
    assert (None if found is None else found.height) == height
