"""Where an end can be, against the geometry of an arm of one link."""

from __future__ import annotations

import math

import pytest

from autoreward.pack_tools.scaffold.poses import Reach, measure_reach
from tests.pack_tools.scaffold.anatomies import robot, written

LINK = """<body name="link"><joint name="hinge" axis="0 0 1" {}/><geom type="capsule" size="0.02" fromto="0 0 0 2 0 0"/>
<site name="tip" pos="2 0 0"/></body>"""


def measured(joint: str) -> Reach:
    """The reach of the only end."""
    anatomy = written(LINK.format(joint))
    return measure_reach(anatomy, anatomy.ends[0])


def test_a_link_that_turns_all_the_way() -> None:
    reach = measured("")
    assert reach.home == (2.0, 0.0, 0.0)
    # x = 2 cos(a), a uniform: its standard deviation is 2 / sqrt(2); z never changes
    assert reach.spread == (pytest.approx(math.sqrt(2), rel=0.1), pytest.approx(math.sqrt(2), rel=0.1), 0.0)
    assert -2.0 <= reach.low[0] < -1.9 and 1.9 < reach.high[0] <= 2.0


def test_limits_are_kept() -> None:
    reach = measured('range="0 90" limited="true"')
    assert reach.low[0] >= 0.0 and reach.low[1] >= 0.0


def test_equal_robots_have_equal_reaches() -> None:
    assert measured("") == measured("")


def test_an_end_that_is_led_is_led_everywhere_near_its_start() -> None:
    anatomy = robot("led")
    reach = measure_reach(anatomy, anatomy.ends[0])
    assert [high - home for high, home in zip(reach.high, reach.home, strict=True)] == pytest.approx([0.2] * 3)
