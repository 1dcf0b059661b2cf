"""Feet, soles and the ground that they stand on."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import gymnasium
import mujoco
import numpy as np
import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.pack_tools.scaffold import new_pack
from autoreward.pack_tools.scaffold.feet import find_feet, find_ground
from tests.pack_tools.conftest import played
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
    assert feet[0].sole == pytest.approx(0.02)  # the radius, below the lower end of the shin's axis
    assert feet[0].shin is not None and feet[0].shin.half == pytest.approx((0.0, 0.0, -0.1))


def test_a_capsule_reaches_as_deep_as_it_is_steep(tmp_path: Path) -> None:
    """The legs of Gymnasium's ant: their soles are where MuJoCo's contacts are, and touch the ground as it lands."""
    new_pack(str(tmp_path / "ant"), Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "ant.xml")
    pack = load_pack(str(tmp_path / "ant"))
    _, rollout, fields = played(pack, steps=60)
    model, ankles = load_model(pack), [4, 7, 10, 13]
    turn, axis, tips = np.empty(9), np.empty(3), np.zeros((60, 4, 4, 3))
    for t, row in product((0, 19, 20, 59), range(4)):
        for foot, body in enumerate(ankles):
            (geom,) = np.flatnonzero(model.geom_bodyid == body)
            mujoco.mju_rotVecQuat(axis, np.array([0.0, 0.0, 1.0]), model.geom_quat[geom])
            mujoco.mju_quat2Mat(turn, rollout.after["xquat"][t, row, body])
            steep = abs((turn.reshape(3, 3) @ axis)[2])
            radius, half = model.geom_size[geom, :2]
            lowest = rollout.after["geom_xpos"][t, row, geom, 2] - half * steep - radius
            assert fields["foot_height"][t, row, foot] == pytest.approx(lowest, abs=1e-4)
            tip = rollout.after["geom_xpos"][t, row, geom] - half * np.sign((turn.reshape(3, 3) @ axis)[2]) * (
                turn.reshape(3, 3) @ axis
            )
            tips[t, row, foot] = tip
    moved = np.linalg.norm((tips[20] - tips[19])[:, :, :2], axis=-1) / pack.control_period
    np.testing.assert_allclose(fields["foot_speed"][20], moved, atol=1e-3)
    assert fields["foot_height"].min() > -0.05 and 0.0 < fields["foot_contact"].mean() < 0.5


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
