"""What each actuator does, and the range that a policy gets, with the reason for it."""

from __future__ import annotations

import math

import pytest

from autoreward.pack_tools.scaffold.actuators import find_moved_dofs, read_actuators, too_strong
from tests.pack_tools.scaffold.anatomies import compiled

HINGE = '<body><joint name="j" {}/><geom size="0.1"/></body>'


@pytest.mark.parametrize(
    ("joint", "actuator", "kind", "low", "high", "why"),
    [
        ("", '<motor joint="j" ctrlrange="-2 3" ctrllimited="true"/>', "motor", -2, 3, "as the model limits it"),
        ("", '<motor joint="j"/>', "motor", -1, 1, "SET THIS"),
        ("", '<motor joint="j" ctrlrange="-2e6 2e6" ctrllimited="true"/>', "motor", -0.67, 0.67, "tear it apart"),
        ("", '<motor joint="j" forcerange="-4 6" forcelimited="true"/>', "motor", -4, 6, "its force limit"),
        ('actuatorfrcrange="-3 3" actuatorfrclimited="true"', '<motor joint="j" gear="2"/>', "motor", -1.5, 1.5,
         "the force limit of its joint"),
        ('range="-90 90" limited="true"', '<position joint="j" kp="5"/>', "position servo", -math.pi / 2, math.pi / 2,
         "the range of its joint"),
        ("", '<position joint="j" kp="5"/>', "position servo", -math.pi, math.pi, "not limited"),
        ("", '<velocity joint="j" kv="5" ctrlrange="-1 1" ctrllimited="true"/>', "velocity servo", -1, 1, "limits it"),
        ("", '<velocity joint="j" kv="5"/>', "velocity servo", -1, 1, "SET THIS"),
    ],
)  # fmt: skip
def test_a_range_with_its_reason(joint: str, actuator: str, kind: str, low: float, high: float, why: str) -> None:
    model = compiled(HINGE.format(joint), actuator)
    (found,) = read_actuators(model, model.qpos0, around=None)
    assert (found.kind, found.unit, found.states) == (kind, "N m", 0)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert why in found.why


def test_a_number_that_means_no_limit_at_most_joints_means_none_at_the_others() -> None:
    assert too_strong([20_000.0] * 3 + [100.0], [2.0, 0.1, 0.01, 0.01]) == [True, True, True, False]
    assert too_strong([20_000.0] * 2, [2.0, 0.1]) == [False, True], "it is not most of them"
    assert too_strong([1.0] * 3, [0.1, 1e-6, 1e-6]) == [False, True, True], "1 N m is a force that motors have"


@pytest.mark.parametrize(
    ("home", "low", "high"),
    [
        (0.0, -0.5, 0.5),  # half a radian to both sides
        (0.8, 0.6, 1.0),  # as far as the nearer limit
        (1.0, 0.5, 1.0),  # at a limit: to one side
        (3.0, -1.0, 1.0),  # outside: all of it
    ],
)
def test_a_robot_that_has_to_stand_is_commanded_around_its_home(home: float, low: float, high: float) -> None:
    model = compiled(HINGE.format(""), '<position joint="j" ctrlrange="-1 1" ctrllimited="true"/>')
    (found,) = read_actuators(model, [home], around=0.5)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert "the whole range is -1 to 1" in found.why


def test_driven_degrees_of_freedom() -> None:
    two = '<body><joint name="a"/><geom size="0.1"/><body><joint name="b"/><geom size="0.1" pos="1 0 0"/></body></body>'
    model = compiled(two, '<motor joint="b"/>')
    assert find_moved_dofs(model, model.qpos0) == (frozenset({1}),)
    assert find_moved_dofs(compiled(two), [0.0, 0.0]) == ()


def test_stated_controls_are_the_middle_of_a_robot_that_has_to_stand() -> None:
    model = compiled(HINGE.format(""), '<position joint="j" ctrlrange="-1 1" ctrllimited="true"/>')
    (found,) = read_actuators(model, [0.0], around=0.5, ctrl=[0.6])
    assert (found.low, found.high) == (pytest.approx(0.2), pytest.approx(1.0))


def test_names_are_new_after_cleaning() -> None:
    two = '<body><joint name="a"/><geom size="0.1"/><body><joint name="b"/><geom size="0.1" pos="1 0 0"/></body></body>'
    model = compiled(two, '<motor name="m/1" joint="a"/><motor name="m-1" joint="b"/>')
    assert [one.name for one in read_actuators(model, model.qpos0, around=None)] == ["m_1", "m_1_2"]
