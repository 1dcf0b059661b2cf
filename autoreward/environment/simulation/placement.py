"""Where a robot is placed by named numbers: a joint each, or the six that place a free body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import mujoco
import numpy as np
from jaxtyping import Float

from autoreward.records import Coordinate

AXES = ("x", "y", "z")
TURNS = ("roll", "pitch", "yaw")  # about the world's x, y and z, in this order
HINGES = (mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE)
TURNING = (mujoco.mjtJoint.mjJNT_FREE, mujoco.mjtJoint.mjJNT_BALL)


def model_coordinates(model: Any, start: Float[np.ndarray, " nq"]) -> tuple[Coordinate, ...]:
    """The coordinates of a model, in the order of its joints, with their values at the start."""
    found: list[Coordinate] = []
    for joint in range(model.njnt):
        name, kind, place = _joint_name(model, joint), int(model.jnt_type[joint]), model.jnt_qposadr[joint]
        if kind in HINGES:
            unit: Literal["m", "rad"] = "m" if kind == mujoco.mjtJoint.mjJNT_SLIDE else "rad"
            low, high = model.jnt_range[joint] if model.jnt_limited[joint] else (None, None)
            found.append(Coordinate(name=name, unit=unit, start=start[place], low=low, high=high))
            continue
        if kind == mujoco.mjtJoint.mjJNT_FREE:
            found += [
                Coordinate(name=f"{name}.{axis}", unit="m", start=start[place + i]) for i, axis in enumerate(AXES)
            ]
        found += [Coordinate(name=f"{name}.{turn}", unit="rad", start=0.0) for turn in TURNS]
    return tuple(found)


def placed(model: Any, start: Float[np.ndarray, " nq"], offsets: Mapping[str, float]) -> Float[np.ndarray, " nq"]:
    """qpos of the start with some coordinates moved."""
    qpos = start.copy()
    for joint in range(model.njnt):
        name, kind, place = _joint_name(model, joint), int(model.jnt_type[joint]), int(model.jnt_qposadr[joint])
        if kind in HINGES:
            qpos[place] += offsets.get(name, 0.0)
            continue
        if kind == mujoco.mjtJoint.mjJNT_FREE:
            qpos[place : place + 3] += [offsets.get(f"{name}.{axis}", 0.0) for axis in AXES]
            place += 3
        if kind in TURNING:
            turns = [offsets.get(f"{name}.{turn}", 0.0) for turn in TURNS]
            qpos[place : place + 4] = _turned(qpos[place : place + 4], turns)
    return qpos


def velocity_between(
    model: Any, before: Float[np.ndarray, " nq"], after: Float[np.ndarray, " nq"], seconds: float
) -> Float[np.ndarray, " nv"]:
    """The velocity that leads from one state to another in so many seconds."""
    velocity = np.zeros(model.nv)
    mujoco.mj_differentiatePos(model, velocity, seconds, before, after)
    return velocity


def _turned(quaternion: Float[np.ndarray, " 4"], turns: Sequence[float]) -> Float[np.ndarray, " 4"]:
    """An orientation turned about the world's x, then y, then z."""
    turned = quaternion.copy()
    for axis, angle in zip(np.eye(3), turns, strict=True):
        rotation, product = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(rotation, axis, angle)
        mujoco.mju_mulQuat(product, rotation, turned)
        turned = product
    return turned


def _joint_name(model: Any, joint: int) -> str:
    return model.joint(joint).name or f"joint{joint}"
