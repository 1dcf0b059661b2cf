"""What the parts of a model are called, in the order of its arrays: so they can be found in another model."""

from __future__ import annotations

from typing import Any

import mujoco

from autoreward.environment.simulation.model import name_of

SIZES = {mujoco.mjtJoint.mjJNT_FREE: (7, 6), mujoco.mjtJoint.mjJNT_BALL: (4, 3)}  # entries of qpos and of qvel


def part_names(model: Any) -> dict[str, tuple[Any, ...]]:
    """Names by kind: of joints, actuators and sensors together with where their numbers stand; "" for those without."""
    return {
        "joints": tuple(_joint(model, index) for index in range(model.njnt)),
        "bodies": tuple(name_of(model, "body", index) for index in range(model.nbody)),
        "sites": tuple(name_of(model, "site", index) for index in range(model.nsite)),
        "geoms": tuple(name_of(model, "geom", index) for index in range(model.ngeom)),
        "tendons": tuple(name_of(model, "tendon", index) for index in range(model.ntendon)),
        "actuators": tuple(_actuator(model, index) for index in range(model.nu)),
        "sensors": tuple(
            (name_of(model, "sensor", index), int(model.sensor_adr[index]), int(model.sensor_dim[index]))
            for index in range(model.nsensor)
        ),
    }


def _joint(model: Any, index: int) -> tuple[str, int, int, int, int]:
    """Its name, a free joint's body's; where its entries of qpos begin and how many they are; and those of qvel."""
    kind = mujoco.mjtJoint(int(model.jnt_type[index]))
    positions, velocities = SIZES.get(kind, (1, 1))
    free = kind == mujoco.mjtJoint.mjJNT_FREE
    name = name_of(model, "body", int(model.jnt_bodyid[index])) if free else name_of(model, "joint", index)
    return name, int(model.jnt_qposadr[index]), positions, int(model.jnt_dofadr[index]), velocities


def _actuator(model: Any, index: int) -> tuple[str, str]:
    """Its name, and the joint that it moves or ""."""
    of_joint = int(model.actuator_trntype[index]) == mujoco.mjtTrn.mjTRN_JOINT
    moved = name_of(model, "joint", int(model.actuator_trnid[index, 0])) if of_joint else ""
    return name_of(model, "actuator", index), moved
