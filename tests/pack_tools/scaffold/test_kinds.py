"""What a new pack says of its robot: kind, mass, size, and what each end is."""

from __future__ import annotations

import pytest

from autoreward.pack_tools.scaffold.kinds import is_hand, kind_of, say_ends, say_size
from tests.pack_tools.scaffold.anatomies import robot, written

FINGER = """<body pos="{x} 0 0.1"><joint name="j{n}" axis="0 1 0"/><geom size="0.01" mass="0.1"/>
<site name="tip{n}" pos="0 0 0.05"/></body>"""


@pytest.mark.parametrize(
    ("name", "kind"),
    [("quadruped", "a quadruped"), ("arm", "an arm"), ("led", "an arm"), ("wheeler", "a robot in a plane")],
)
def test_the_kind_of_a_robot(name: str, kind: str) -> None:
    assert kind_of(robot(name)) == kind


def test_three_ends_near_each_other_are_a_hand() -> None:
    fingers = "".join(FINGER.format(x=0.05 * n, n=n) for n in range(3))
    motors = "".join(f'<motor joint="j{n}"/>' for n in range(3))
    hand = written(f'<body name="palm"><geom size="0.03" mass="1"/>{fingers}</body>', motors)
    assert is_hand(hand) and kind_of(hand) == "a hand with 3 fingers"
    assert say_ends(hand)[0].startswith("tip0 (fingertip: a site")


def test_mass_and_size_are_those_of_the_robot_alone() -> None:
    body = '<geom type="plane" size="5 5 1"/><body pos="0 0 1"><freejoint/><geom type="box" size=".2 .1 .05" mass="3"/>'
    leg = '<body><joint name="j" axis="0 1 0"/><geom type="sphere" size=".01" mass="1"/></body></body>'
    stone = '<body pos="2 0 0.1"><freejoint/><geom size=".1" mass="7"/></body>'
    one = written(body + leg + stone, '<motor joint="j"/>')
    assert say_size(one, (1.0, 0.0, 0.0)) == "It weighs 4 kg; as it starts it is 0.4 m long, 0.2 m wide and 0.1 m high."


def test_feet_are_told_from_other_ends() -> None:
    assert all("(foot: a site of the body" in one for one in say_ends(robot("quadruped")))
