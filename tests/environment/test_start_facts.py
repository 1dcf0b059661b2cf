"""What a designer is told of the body, the start, the rest and the observation: by hand, on models made for it."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from autoreward.environment.random_rollout import open_environment
from autoreward.environment.simulation.body_facts import body_facts
from autoreward.environment.start_facts import observation_order
from autoreward.records import FieldSpec

DIRECTIONS = {"forward": (1.0, 0.0, 0.0), "up": (0.0, 0.0, 1.0)}
LEG = """
<mujoco><worldbody><body name="hip" pos="0 0 2">
  <joint name="slide" type="slide" axis="1 0 0"/>
  <geom type="sphere" size="0.2" mass="3"/>
  <body name="thigh">
    <joint name="swing" type="hinge" axis="0 AXIS 0" range="-1 0.5" limited="true" stiffness="7"/>
    <geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.05" mass="1.25"/>
    <body pos="0 0 -0.5">
      <joint name="roll" type="hinge" axis="0 0 1" range="-2 2" limited="true"/>
      <geom type="capsule" fromto="0 0 0 0 0 -0.1" size="0.05" mass="0.5"/>
    </body>
  </body>
</body></worldbody>
<actuator><motor joint="swing"/></actuator>
<compiler angle="radian"/></mujoco>
"""


@pytest.mark.parametrize(("axis", "way"), [("1", "back"), ("-1", "forward")])
def test_links_and_joints_are_read_from_the_model_and_signs_from_its_motion(axis: str, way: str) -> None:
    """A rod that hangs down swings to -x when it turns about +y; where it is turns no end, the axis is told."""
    told = body_facts(mujoco.MjModel.from_xml_string(LEG.replace("AXIS", axis)), DIRECTIONS).splitlines()
    assert (
        told[0] == "Links (mass [kg], length [m]): hip 3, ball of radius 0.2; thigh 1.25, 0.5; link of roll 0.5, 0.1."
    )
    joints = f"swing -1 to 0.5 rad, spring 7 N m/rad, {way}; roll -2 to 2 rad, turns about up."
    assert told[1] == f"Joints: limits, springs, and where + moves the end of the link: {joints}"


def test_joints_are_called_as_the_fields_call_them() -> None:
    told = body_facts(mujoco.MjModel.from_xml_string(LEG.replace("AXIS", "1")), DIRECTIONS, ("hip_swing", "twist"))
    assert "link: hip_swing -1 to" in told and "; twist -2 to" in told
    assert "link: swing -1 to" in body_facts(
        mujoco.MjModel.from_xml_string(LEG.replace("AXIS", "1")), DIRECTIONS, ("a",)
    )


@pytest.mark.parametrize(
    ("env", "words"),
    [
        (
            "half_cheetah",
            [
                "back_thigh -0.52 to 1.05 rad, spring 240 N m/rad, back",
                "positions within 0.1, velocities within 0.",
                "With slack motors, after 3 s: torso_position.z 0.5",
                "order: torso_position.z -0.7, torso_pitch, joint_position (6), torso_velocity (2), torso_pitch_rate, ",
            ],
        ),
        (
            "hopper",
            [
                "leg -2.62 to 0 rad, forward",  # positive stretches the knee, negative bends the shin back
                "positions within 0.005, velocities within 0.005",
                "With slack motors every episode terminates, after about 1",
            ],
        ),
        (
            "reacher",
            ["cos joint_position (2), sin joint_position (2), target_position (2), joint_velocity (2), -target_"],
        ),
    ],
)
def test_what_is_told_of_a_pack(env: str, words: list[str]) -> None:
    body = open_environment(env).spec.body
    for one in words:
        assert one in body


def test_the_robots_with_slack_motors_are_left_alone_until_their_first_end() -> None:
    slack = open_environment("inverted_pendulum").slack
    assert slack is not None and len(slack.action) > 20
    assert (slack.action == 0.0).all()
    assert (np.abs(slack.state["pole_angle"]) <= 0.2).all()
    assert slack.next_state["terminated"].sum() <= 4


def test_an_entry_that_no_field_has_is_one_of_the_others() -> None:
    drawn = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    seen = np.stack(
        [drawn[:, 1], drawn[:, 0] * drawn[:, 2], np.clip(drawn[:, 2], -1.0, 1.0), -drawn[:, 0] + 2.0], axis=1
    )
    field = FieldSpec(name="place", shape=(3,), unit="m", components=("x", "y", "z"), meaning="somewhere")
    told = observation_order({"observation": seen, "place": drawn}, [field], {})
    assert told == "The observation, in order: place.y, 1 other, place.z, -place.x +2."


def test_what_a_pack_states_of_its_observation_is_told_and_not_guessed() -> None:
    told = observation_order({"observation": np.zeros((4, 5))}, [], {"joint_position": 2, "base_velocity": 3})
    assert told == "The observation, in order: joint_position (2), base_velocity (3)."
