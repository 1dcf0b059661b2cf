"""What a model says of the body: how heavy and long its links are, how far its joints go, and which way is positive.

Nothing here is written by hand: masses, sizes, limits and springs are the compiled model's, and a joint's sign is found
by turning it a little and looking where the end of its link goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mujoco
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.environment.simulation.model import name_of

HINGE, SLIDE = 3, 2  # mujoco.mjtJoint
RODS, BALL = (3, 5), 2  # capsules and cylinders, spheres: mujoco.mjtGeom
UNITS = {HINGE: ("rad", "N m/rad"), SLIDE: ("m", "N/m")}  # of a limit, of a spring
TURN = 0.05  # [rad] or [m] that a joint is turned by
MOVES = 0.02  # [m] a radian: an end that moves less lies on the axis
BESIDE = 0.4  # of the largest part of a movement, from which another one is told too
OPPOSITES = {"forward": "back", "left": "right", "up": "down"}

Directions = Mapping[str, tuple[float, float, float]]


def body_facts(model: Any, directions: Directions, names: Sequence[str] = ()) -> str:
    """Links and joints for a designer, a line each, by the names that the model gives; "" where it has neither.

    Args:
        model: a `mujoco.MjModel`, as the pack changes it.
        directions: unit vectors in the world frame by name.
        names: of the joints in its fields; the model's own where there are not as many.
    """
    links = [_link(model, body) for body in range(1, model.nbody) if model.body_mass[body] > 0.0]
    described = _told_joints(model)
    named = (
        names
        if len(names) == len(described)
        else [name_of(model, "joint", joint) or "(no name)" for joint in described]
    )
    joints = [f"{name} {_joint(model, joint, directions)}" for name, joint in zip(named, described, strict=True)]
    lines = [f"Links (mass [kg], length [m]): {'; '.join(links)}."] if links else []
    if joints:
        lines.append(f"Joints: limits, springs, and where + moves the end of the link: {'; '.join(joints)}.")
    return "\n".join(lines)


def _link(model: Any, body: int) -> str:
    """Name, mass, and the length of its longest rod between the middles of its ends, or the radius of its ball."""
    geoms = [geom for geom in range(model.ngeom) if model.geom_bodyid[geom] == body]
    rods = [2.0 * float(model.geom_size[geom][1]) for geom in geoms if int(model.geom_type[geom]) in RODS]
    balls = [float(model.geom_size[geom][0]) for geom in geoms if int(model.geom_type[geom]) == BALL]
    size = f", {max(rods):.3g}" if rods else f", ball of radius {max(balls):.3g}" if balls else ""
    return f"{_body_name(model, body)} {model.body_mass[body]:.3g}{size}"


def _body_name(model: Any, body: int) -> str:
    name = name_of(model, "body", body)
    if not name and model.body_jntnum[body]:
        name = f"link of {name_of(model, 'joint', int(model.body_jntadr[body]))}"
    return name or "(no name)"


def _told_joints(model: Any) -> list[int]:
    """The joints that are driven or limited, not those that only say where the robot is."""
    driven = set(model.actuator_trnid[:, 0].tolist())
    known = [joint for joint in range(model.njnt) if int(model.jnt_type[joint]) in UNITS]
    return [joint for joint in known if joint in driven or model.jnt_limited[joint]]


def _joint(model: Any, joint: int, directions: Directions) -> str:
    angle, spring = UNITS[int(model.jnt_type[joint])]
    low, high = model.jnt_range[joint]
    limits = f"{low:.3g} to {high:.3g} {angle}" if model.jnt_limited[joint] else "without limits"
    stiffness = float(model.jnt_stiffness[joint])
    held = f", spring {stiffness:.3g} {spring}" if stiffness > 0.0 else ""
    return f"{limits}{held}, {_way(model, joint, directions)}"


def _way(model: Any, joint: int, directions: Directions) -> str:
    """Where the far end of a joint's body goes when the joint turns positively out of the model's own pose."""
    body, address = int(model.jnt_bodyid[joint]), int(model.jnt_qposadr[joint])
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    anchor, before = data.xanchor[joint].copy(), _points(model, data, body)
    axis = data.xaxis[joint].copy()
    if not len(before):
        return f"about {_words(axis, directions)}"
    far = int(np.argmax(np.linalg.norm(before - anchor, axis=1)))
    data.qpos[address] += TURN
    mujoco.mj_forward(model, data)
    moved = (_points(model, data, body)[far] - before[far]) / TURN
    return _words(moved, directions) if np.linalg.norm(moved) >= MOVES else f"turns about {_words(axis, directions)}"


def _points(model: Any, data: Any, body: int) -> NDArray[Any]:
    """The ends of a body's rods and the middles of its other geoms, in the world `[P, 3]` [m]."""
    points = []
    for geom in np.flatnonzero(model.geom_bodyid == body):
        middle, turned = data.geom_xpos[geom], data.geom_xmat[geom].reshape(3, 3)
        half = model.geom_size[geom][1] if int(model.geom_type[geom]) in RODS else 0.0
        points += [middle + half * turned[:, 2], middle - half * turned[:, 2]]
    return np.array(points).reshape(-1, 3)


def _words(vector: Float[np.ndarray, " 3"], directions: Directions) -> str:
    """A vector by the directions that it mostly points along: "back", "up and forward", "-y"."""
    names = {name: np.asarray(value) for name, value in directions.items()}
    axes = [*names.items(), *(("+" + axis, np.eye(3)[place]) for place, axis in enumerate("xyz"))]
    parts: dict[str, float] = {}
    covered: list[NDArray[Any]] = []
    for name, unit in axes:
        if not any(abs(float(unit @ other)) > 0.9 for other in covered):
            covered.append(unit)
            size = float(vector @ unit)
            against = OPPOSITES.get(name, name.replace("+", "-") if name.startswith("+") else f"against {name}")
            parts[name if size >= 0.0 else against] = abs(size)
    largest = max(parts.values())
    largest_parts = sorted((name for name in parts if parts[name] >= BESIDE * largest), key=lambda name: -parts[name])
    return " and ".join(largest_parts)
