"""What is unusual in a model is told, and a sound one is left alone."""

from __future__ import annotations

import re

import pytest

from autoreward.pack_tools.scaffold.cautions import find_cautions
from tests.pack_tools.scaffold.anatomies import robot, written

FLOOR = '<geom name="floor" type="plane" size="5 5 0.1"/>'
SHIN = '<geom size="0.02" fromto="0 0 0 0 0 -0.2" type="capsule"/>'
LEG = '<body name="{}" pos="0 {} 0"><joint name="{}" axis="0 1 0"/>' + SHIN + "</body>"
LEGS = LEG.format("left_foot", 0.1, "l") + LEG.format("right_foot", -0.1, "r")
MOTORS = '<motor joint="l"/><motor joint="r"/>'


def hull(height: float, joint: str = "<freejoint/>", legs: str = LEGS) -> str:
    return f'<body name="hull" pos="0 0 {height}">{joint}<geom type="box" size="0.2 0.1 0.05"/>{legs}</body>'


@pytest.mark.parametrize(
    ("bodies", "words"),
    [
        (hull(0.3), "no floor"),
        (FLOOR + hull(0.0), "starts at height 0 m"),
        (FLOOR + hull(0.1), "m inside"),
        (FLOOR + hull(0.3, joint=""), "no free joint"),
        (FLOOR + hull(1.0), "collapses|tips over"),
        (FLOOR + hull(0.3, legs=LEGS.replace("0.1 0", "100 0")), "in metres"),
    ],
)
def test_what_a_roboticist_would_look_at(bodies: str, words: str) -> None:
    assert [one for one in find_cautions(written(bodies, MOTORS)) if re.search(words, one)]


def test_limits_that_are_none_are_told() -> None:
    absurd = '<motor joint="l" ctrlrange="-2e4 2e4" ctrllimited="true"/><motor joint="r"/>'
    (said,) = (one for one in find_cautions(written(FLOOR + hull(0.3), absurd)) if "SET THIS" in one)
    assert "1 of its 2 motors (actuator_0) would tear it apart" in said


def test_a_sound_robot_is_left_alone() -> None:
    assert find_cautions(robot("arm")) == ()
