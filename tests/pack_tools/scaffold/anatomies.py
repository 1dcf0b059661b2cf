"""The anatomy of the robots under tests/models, and of small models written in a test."""

from __future__ import annotations

import mujoco

from autoreward.pack_tools.scaffold.anatomy import Anatomy, read_anatomy
from tests.pack_tools.conftest import MODELS, ROBOTS


def robot(name: str) -> Anatomy:
    """That of one of the robots, at its rest pose."""
    model = mujoco.MjModel.from_xml_path(str(MODELS / ROBOTS[name]))
    return read_anatomy(model, model.qpos0, None)


def written(bodies: str, actuators: str = "", options: str = "") -> Anatomy:
    """That of a model whose world holds these bodies."""
    model = compiled(bodies, actuators, options)
    return read_anatomy(model, model.qpos0, None)


def compiled(bodies: str, actuators: str = "", options: str = "") -> mujoco.MjModel:
    """A model of these bodies and actuators."""
    text = f"<mujoco>{options}<worldbody>{bodies}</worldbody><actuator>{actuators}</actuator></mujoco>"
    return mujoco.MjModel.from_xml_string(text)
