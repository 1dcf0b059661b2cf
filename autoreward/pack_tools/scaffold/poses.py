"""Where the ends of a robot's limbs can be, from random poses within the limits of its joints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from autoreward.pack_tools.scaffold.anatomy import Anatomy, Vector
from autoreward.pack_tools.scaffold.limbs import End

POSES = 500
LED = 0.2  # [m]
SEED = 11


@dataclass(frozen=True)
class Reach:
    """Where one end can be, in the world frame [m]."""

    home: Vector
    low: Vector  # 5th and 95th percentile of random poses
    high: Vector
    spread: Vector  # standard deviation


def measure_reach(anatomy: Anatomy, end: End) -> Reach:
    """The reach of an end; one that follows a mocap body is led within LED of its start."""
    if anatomy.mocaps:
        start = _vector(_end_at(anatomy, end, np.asarray(anatomy.home)))
        low, high = (_vector(np.asarray(start) + way) for way in (-LED, LED))
        return Reach(start, low, high, (LED, LED, LED))
    rng = np.random.default_rng(SEED)
    home = np.asarray(anatomy.home)
    points = np.stack([_end_at(anatomy, end, _pose(anatomy, rng)) for _ in range(POSES)])
    low, high = np.percentile(points, [5, 95], axis=0)
    return Reach(_vector(_end_at(anatomy, end, home)), _vector(low), _vector(high), _vector(points.std(axis=0)))


def _pose(anatomy: Anatomy, rng: Any) -> NDArray[Any]:
    qpos = np.asarray(anatomy.home, float).copy()
    for joint in anatomy.limb_joints:
        if joint.kind in ("hinge", "slide"):
            around = math.pi if joint.kind == "hinge" else 0.5
            low, high = joint.limits or (qpos[joint.qpos] - around, qpos[joint.qpos] + around)
            qpos[joint.qpos] = rng.uniform(low, high)
    return qpos


def _end_at(anatomy: Anatomy, end: End, qpos: NDArray[Any]) -> NDArray[Any]:
    data = mujoco.MjData(anatomy.model)
    data.qpos[:] = qpos
    mujoco.mj_kinematics(anatomy.model, data)
    mujoco.mj_comPos(anatomy.model, data)
    return np.array(getattr(data, end.array)[end.index])


def _vector(values: NDArray[Any]) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z
