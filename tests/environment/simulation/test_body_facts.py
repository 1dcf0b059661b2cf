"""Links, limits and signs of joints, read from small models whose numbers are in their text."""

from __future__ import annotations

import mujoco
import pytest

from autoreward.environment.simulation.body_facts import body_facts

UP = {"up": (0.0, 0.0, 1.0)}


def told(bodies: str, actuators: str = "", directions: dict[str, tuple[float, float, float]] | None = None) -> str:
    """What is said of a world with these bodies; motors drive the joints of these names."""
    motors = "".join(f'<motor joint="{name}"/>' for name in actuators.split())
    model = mujoco.MjModel.from_xml_string(
        f'<mujoco><compiler angle="radian"/><worldbody>{bodies}</worldbody><actuator>{motors}</actuator></mujoco>'
    )
    return body_facts(model, UP if directions is None else directions)


def cart(axis: str, limits: str = "") -> str:
    return (
        f'<body name="cart"><joint name="rail" type="slide" axis="{axis}" {limits}/>'
        '<geom type="box" size=".1 .1 .1" mass="2"/></body>'
    )


def test_nothing_to_tell_of_an_empty_world() -> None:
    assert told("") == ""


@pytest.mark.parametrize(
    ("axis", "way"), [("0 0 1", "up"), ("0 0 -1", "down"), ("0 1 0", "+y"), ("0 -1 0", "-y"), ("1 0 1", "up and +x")]
)
def test_where_a_joint_moves_is_said_in_the_words_of_the_world(axis: str, way: str) -> None:
    assert told(cart(axis), "rail").splitlines() == [
        "Links (mass [kg], length [m]): cart 2.",
        f"Joints: limits, springs, and where + moves the end of the link: rail without limits, {way}.",
    ]


def test_a_direction_without_an_opposite_is_told_against() -> None:
    assert told(cart("-1 0 0"), "rail", {"ahead": (1.0, 0.0, 0.0)}).endswith("rail without limits, against ahead.")


def test_limits_and_springs_of_a_slide_are_lengths_and_forces() -> None:
    held = told(cart("0 0 1", 'range="-0.5 1.25" limited="true" stiffness="40"'))
    assert "rail -0.5 to 1.25 m, spring 40 N/m, up." in held


def test_a_joint_that_nothing_drives_or_limits_only_says_where_the_robot_is() -> None:
    assert "Joints" not in told(cart("0 0 1"))


def test_the_longest_rod_else_the_largest_ball_is_the_length() -> None:
    body = '<body name="arm"><joint name="turn" axis="0 1 0"/>{}</body>'
    rods = "".join(
        f'<geom type="capsule" fromto="0 0 0 {length} 0 0" size="0.02" mass="1"/>' for length in ("0.3", "0.7")
    )
    assert "arm 2, 0.7." in told(body.format(rods))
    balls = "".join(f'<geom type="sphere" size="{radius}" mass="1"/>' for radius in ("0.1", "0.2"))
    assert "arm 2, ball of radius 0.2." in told(body.format(balls))


def test_a_link_without_a_name_is_called_by_its_joint() -> None:
    geom = '<geom type="sphere" size="0.1" mass="1"/>'
    assert "link of turn 1, ball" in told(f'<body><joint name="turn" axis="0 1 0"/>{geom}</body>')
    assert "(no name) 1, ball" in told(f"<body>{geom}</body>")
