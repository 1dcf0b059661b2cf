"""What MuJoCo knows, by the names of the model."""

from __future__ import annotations

import gymnasium
import numpy as np

from autoreward.environment.foreign.mujoco_arrays import MujocoArrays, reach
from tests.environment.foreign import own_envs


def test_fields_are_called_as_joints_and_bodies_are() -> None:
    reached = reach(gymnasium.make("Hopper-v5"))
    assert reached is not None
    found = MujocoArrays(reached[0])
    specs = {spec.name: spec for spec in found.specs}
    assert specs["qpos"].components == ("rootx", "rootz", "rooty", "thigh_joint", "leg_joint", "foot_joint")
    assert (specs["rootx_velocity"].unit, specs["rootx_velocity"].meaning[-7:]) == ("m/s", "along x")
    assert specs["torso_position"].unit == "m"
    data = found.read([reached[1]])
    place = found.places["foot_position"]
    np.testing.assert_array_equal(data["xpos"][0, place.start : place.start + 3], reached[1].body("foot").xpos)


def test_a_free_body_has_a_velocity() -> None:
    reached = reach(gymnasium.make("Ant-v5"))
    assert reached is not None
    specs = {spec.name: spec for spec in MujocoArrays(reached[0]).specs}
    assert specs["torso_velocity"].shape == (3,)
    assert specs["qpos"].components[:4] == ("root.x", "root.y", "root.z", "root.qw")


def test_others_have_none() -> None:
    assert reach(own_envs.Counting()) is None
