"""What a robot consists of, read from its compiled model."""

from __future__ import annotations

import pytest

from tests.pack_tools.scaffold.anatomies import robot, written

GEOM = '<geom size="0.1"/>'
BALL = f'<body name="ball" pos="1 0 0"><freejoint/>{GEOM}</body>'


def test_an_arm_is_fixed_and_has_one_end() -> None:
    arm = robot("arm")
    assert (arm.base, arm.base_joints) == ("fixed", ())
    assert [joint.name for joint in arm.limb_joints] == ["pan", "lift", "elbow"]
    assert [(end.name, end.array) for end in arm.ends] == [("gripper", "site_xpos")]
    assert arm.limb_joints[0].limits == pytest.approx((-2.967, 2.967), abs=1e-3)  # 170 degrees
    assert (list(arm.joints[2].positions), list(arm.joints[2].velocities)) == ([2], [2])


def test_a_quadruped_is_free_and_has_four_ends() -> None:
    quadruped = robot("quadruped")
    assert quadruped.base == "free" and len(quadruped.ends) == 4
    (base,) = quadruped.base_joints
    assert (base.kind, list(base.positions), list(base.velocities)) == ("free", list(range(7)), list(range(6)))
    assert base not in quadruped.limb_joints


def test_a_base_on_rails_that_nothing_drives_is_planar() -> None:
    cart = f'<body name="cart"><joint name="rail" type="slide" axis="1 0 0"/>{GEOM}</body>'
    assert written(cart).base == "planar"
    assert written(cart, '<motor joint="rail"/>').base == "fixed"  # a gantry


def test_what_lies_around_is_an_object_and_no_robot() -> None:
    arm = f'<body name="arm"><joint name="hinge"/>{GEOM}</body>'
    anatomy = written(BALL + arm, '<motor joint="hinge"/>')
    assert (anatomy.main_name, anatomy.base) == ("arm", "fixed")
    assert [(thing.name, thing.free is not None) for thing in anatomy.things] == [("ball", True)]
    assert [joint.name for joint in anatomy.limb_joints] == ["hinge"]


def test_an_end_without_a_site_is_the_centre_of_its_body() -> None:
    anatomy = written(f'<body name="Last Link"><joint name="hinge"/>{GEOM}</body>', '<motor joint="hinge"/>')
    assert [(end.name, end.array) for end in anatomy.ends] == [("last_link", "xipos")]


@pytest.mark.parametrize(("gravity", "up"), [("0 0 -9.81", (0, 0, 1)), ("-2 0 0", (1, 0, 0)), ("0 0 0", (0, 0, 1))])
def test_up_is_against_gravity(gravity: str, up: tuple[float, ...]) -> None:
    body = f'<body><joint name="hinge"/>{GEOM}</body>'
    assert written(body, '<motor joint="hinge"/>', f'<option gravity="{gravity}"/>').up == up


def test_parts_without_names_get_one() -> None:
    (joint,) = written(f"<body><joint/>{GEOM}</body>").joints
    assert joint.name == "body_1_hinge_0"


def test_a_door_is_an_object_and_not_a_joint_of_the_robot() -> None:
    arm = f'<body name="arm"><joint name="hinge"/>{GEOM}</body>'
    door = f'<body name="frame"><body name="door"><joint name="door_hinge"/>{GEOM}</body></body>'
    anatomy = written(door + arm, '<motor joint="hinge"/>')
    assert [joint.name for joint in anatomy.limb_joints] == ["hinge"]
    assert [(thing.name, [joint.name for joint in thing.joints]) for thing in anatomy.things] == [
        ("door", ["door_hinge"])
    ]


def test_a_body_welded_to_a_mocap_body_is_led() -> None:
    led = robot("led")
    assert [(mocap.name, mocap.index) for mocap in led.mocaps] == [("wrist", 0)]
    assert led.base == "fixed"  # its rails are damped so much that they only say where it stands
    assert [joint.name for joint in led.limb_joints] == ["shoulder", "elbow", "left", "right"]


def test_names_that_look_alike_are_told_apart() -> None:
    legs = "".join(f'<body name="{name}"><joint name="{name}"/>{GEOM}</body>' for name in ("leg/1", "leg-1", "leg_1"))
    assert [joint.name for joint in written(legs).joints] == ["leg_1", "leg_1_2", "leg_1_3"]


def test_no_body_takes_a_word_of_the_framework() -> None:
    arm = f'<body name="arm"><joint name="hinge"/>{GEOM}</body>'
    anatomy = written(arm + BALL.replace("ball", "target"), '<motor joint="hinge"/>')
    assert [thing.name for thing in anatomy.things] == ["target_2"]
