"""Named numbers that place a model, by hand on a ball on a slide."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest

from autoreward.environment.simulation.placement import model_coordinates, placed, velocity_between

XML = """
<mujoco><worldbody>
  <body><joint type="slide" axis="1 0 0" limited="true" range="-1 2"/><geom size="0.1"/>
    <body pos="0 0 1"><joint name="ball" type="ball"/><geom size="0.1"/></body></body>
  <body pos="3 0 0"><freejoint name="free"/><geom size="0.1"/></body>
</worldbody></mujoco>
"""


@pytest.fixture(scope="module")
def model() -> Any:
    return mujoco.MjModel.from_xml_string(XML)


def test_each_kind_of_joint_has_its_coordinates(model: Any) -> None:
    found = model_coordinates(model, model.qpos0)
    assert [(one.name, one.unit, one.start, one.low) for one in found] == [
        ("joint0", "m", 0.0, -1.0),
        *((f"ball.{turn}", "rad", 0.0, None) for turn in ("roll", "pitch", "yaw")),
        ("free.x", "m", 3.0, None), ("free.y", "m", 0.0, None), ("free.z", "m", 0.0, None),
        *((f"free.{turn}", "rad", 0.0, None) for turn in ("roll", "pitch", "yaw")),
    ]  # fmt: skip


def test_offsets_move_and_turn_from_the_start(model: Any) -> None:
    qpos = placed(model, model.qpos0, {"joint0": 0.5, "free.x": 1.0, "free.yaw": np.pi / 2})
    half = np.sqrt(0.5)
    np.testing.assert_allclose(qpos, [0.5, 1, 0, 0, 0, 4, 0, 0, half, 0, 0, half], atol=1e-12)


def test_turns_are_about_the_axes_of_the_world_one_after_the_other(model: Any) -> None:
    """A quarter about x takes y to z; a quarter about z then leaves it there."""
    qpos = placed(model, model.qpos0, {"ball.roll": np.pi / 2, "ball.yaw": np.pi / 2})
    turned = np.zeros(3)
    mujoco.mju_rotVecQuat(turned, np.array([0.0, 1.0, 0.0]), qpos[1:5])
    np.testing.assert_allclose(turned, [0, 0, 1], atol=1e-12)


def test_a_velocity_leads_from_one_state_to_the_next(model: Any) -> None:
    after = placed(model, model.qpos0, {"joint0": 0.2, "free.yaw": 0.1})
    velocity = velocity_between(model, model.qpos0, after, 0.1)
    np.testing.assert_allclose(velocity, [2, 0, 0, 0, 0, 0, 0, 0, 0, 1], atol=1e-9)
