"""One point a limb: fingers, feet, grippers, and no camera."""

from __future__ import annotations

import mujoco
import pytest

from autoreward.errors import UnknownNameError
from autoreward.pack_tools.scaffold.anatomy import read_anatomy
from tests.pack_tools.conftest import MODELS
from tests.pack_tools.scaffold.anatomies import robot, written

GEOM = '<geom size="0.02"/>'


def link(name: str, inside: str = "", joint: str = "") -> str:
    """A body on a hinge of its own name, 10 cm from the one before it."""
    return f'<body name="{name}" pos="0 0 0.1"><joint name="{joint or name}" axis="0 1 0"/>{GEOM}{inside}</body>'


def motors(*joints: str) -> str:
    return "".join(f'<motor joint="{joint}"/>' for joint in joints)


def ends(bodies: str, *driven: str) -> list[str]:
    return [end.name for end in written(bodies, motors(*driven)).ends]


def test_every_finger_of_a_hand_has_an_end() -> None:
    fingers = "".join(link(f"{one}_near", link(f"{one}_far")) for one in ("first", "second", "thumb"))
    names = [f"{one}_{part}" for one in ("first", "second", "thumb") for part in ("near", "far")]
    assert ends(link("palm", fingers), "palm", *names) == ["first_far", "second_far", "thumb_far"]


def test_a_gripper_ends_its_arm_at_the_site_between_its_fingers() -> None:
    gripper = link("wrist", '<site name="tool_tcp"/>' + link("left") + link("right"))
    assert ends(link("arm", gripper), "arm", "wrist", "left", "right") == ["tool_tcp"]


def test_a_site_above_the_last_link_may_mark_it() -> None:
    arm = link("upper", '<site name="attachment_site"/>' + link("lower"))
    assert ends(f'<body name="base">{link("shoulder", arm)}</body>', "shoulder", "upper", "lower") == [
        "attachment_site"
    ]


def test_one_of_many_sites_on_a_fingertip() -> None:
    sites = "".join(f'<site name="{name}"/>' for name in ("T_back", "Tch_tip", "S_fftip", "T_front"))
    assert ends(link("finger", sites), "finger") == ["s_fftip"]


def test_both_arms_of_a_pair_are_the_robot() -> None:
    pair = link("left_arm", link("left_hand")) + link("right_arm", link("right_hand"))
    assert ends(pair, "left_arm", "left_hand", "right_arm", "right_hand") == ["left_hand", "right_hand"]


def test_a_camera_that_is_turned_is_no_limb() -> None:
    body = f'<body name="trunk"><freejoint/>{GEOM}{link("leg")}{link("head_camera")}</body>'
    assert ends(body, "leg", "head_camera") == ["leg"]


def test_a_gripper_without_a_site_ends_between_its_fingers_and_never_at_what_its_camera_looks_at() -> None:
    looked_at = '<body name="camera_focus" pos="0 0 0.3"><site name="cam_focus"/></body>'
    between = '<body name="prop" pos="0 0 0.12"/>'
    gripper = link("wrist", looked_at + between + link("left") + link("right"))
    assert ends(link("arm", gripper), "arm", "wrist", "left", "right") == ["prop"]
    marked = link("wrist", looked_at + between + '<site name="mark" pos="0 0 0.1"/>' + link("left") + link("right"))
    assert ends(link("arm", marked), "arm", "wrist", "left", "right") == ["mark"]


def test_a_pole_that_nothing_drives_ends_its_cart() -> None:
    cart = f'<body name="cart"><joint name="rail" type="slide" axis="1 0 0"/>{GEOM}{link("pole")}</body>'
    assert ends(cart, "rail") == ["pole"]


def test_a_leg_ends_at_its_far_point() -> None:
    foot = '<body name="sole" pos="0 0 -0.1"/>'
    body = f'<body name="trunk"><freejoint/>{GEOM}{link("left", foot)}{link("right")}</body>'
    anatomy = written(body, motors("left", "right"))
    assert [end.name for end in anatomy.ends] == ["sole", "right"]


def test_a_person_may_name_the_ends() -> None:
    model = mujoco.MjModel.from_xml_path(str(MODELS / "quadruped.xml"))
    anatomy = read_anatomy(model, model.qpos0, None, ["imu", "front_left_shin"])
    assert [(end.name, end.array) for end in anatomy.ends] == [("imu", "site_xpos"), ("front_left_shin", "xipos")]
    with pytest.raises(UnknownNameError, match="no site, body or geom named 'nose'"):
        read_anatomy(model, model.qpos0, None, ["nose"])


def test_the_robots_of_the_tests() -> None:
    assert [end.name for end in robot("led").ends] == ["grip"]
    feet = [f"{end}_{side}_foot" for end in ("front", "rear") for side in ("left", "right")]
    assert [end.name for end in robot("quadruped").ends] == feet
