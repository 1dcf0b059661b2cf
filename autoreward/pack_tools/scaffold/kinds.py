"""What a robot is, in the words of a designer's prompt: its kind, mass and size, and what each end of a limb is."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np
from jaxtyping import Float

from autoreward.pack_tools.scaffold.anatomy import Anatomy, Vector
from autoreward.pack_tools.scaffold.feet import find_feet
from autoreward.pack_tools.scaffold.limbs import End
from autoreward.pack_tools.scaffold.text import number

FINGERS = 3  # ends of a fixed base that are near to each other, from which they are a hand's
HAND = 0.35  # [m] between the ends of a hand, at most
_LEGS = {1: "a robot on one leg", 2: "a biped", 4: "a quadruped", 6: "a hexapod"}
_POINTS = {"site_xpos": "site", "geom_xpos": "geom", "xipos": "centre of mass", "xpos": "origin"}


def kind_of(anatomy: Anatomy) -> str:
    """One of the words that engineers have for robots."""
    feet = len(find_feet(anatomy))
    if anatomy.base == "fixed":
        return _of_fixed(anatomy)
    kind = "a humanoid" if feet == 2 and len(anatomy.ends) > 2 else _LEGS.get(feet, "a robot")
    if feet == 1 and anatomy.base == "free":
        kind = "a robot"  # what has one low end in space swims or flies
    return f"{kind} in a plane" if anatomy.base == "planar" else kind


def is_hand(anatomy: Anatomy) -> bool:
    """Whether its limbs are fingers."""
    if anatomy.base != "fixed" or len(anatomy.ends) < FINGERS:
        return False
    places = _places(anatomy)
    return float(np.ptp(places, axis=0).max()) < HAND


def say_size(anatomy: Anatomy, forward: Vector) -> str:
    """Its mass and its extent in the initial pose, as a sentence."""
    model, data = anatomy.model, anatomy.positions()
    roots = {int(model.body_rootid[joint.body]) for joint in (*anatomy.base_joints, *anatomy.limb_joints)}
    bodies = [body for body in range(1, model.nbody) if int(model.body_rootid[body]) in roots]
    mass = float(model.body_mass[bodies].sum())
    geoms = [
        geom
        for geom in range(model.ngeom)
        if int(model.geom_bodyid[geom]) in bodies and model.geom_type[geom] != mujoco.mjtGeom.mjGEOM_PLANE
    ]
    if not geoms:
        return f"It weighs {number(round(mass, 3))} kg."
    left = np.cross(anatomy.up, forward)
    axes = (np.asarray(forward), left, np.asarray(anatomy.up))
    long, wide, high = (_extent(anatomy, data, geoms, axis) for axis in axes)
    return f"It weighs {mass:.3g} kg; as it starts it is {long:.2g} m long, {wide:.2g} m wide and {high:.2g} m high."


def say_ends(anatomy: Anatomy) -> list[str]:
    """Each end of a limb: its name in fields, and what it is."""
    feet = {foot.end.name for foot in find_feet(anatomy)}
    role = "fingertip" if is_hand(anatomy) else "end of a limb"
    return [f"{end.name} ({'foot' if end.name in feet else role}: {_point(anatomy, end)})" for end in anatomy.ends]


def _point(anatomy: Anatomy, end: End) -> str:
    body = anatomy.model.body(end.body).name
    return f"a {_POINTS[end.array]} of the body {body}" if body else f"a {_POINTS[end.array]}"


def _of_fixed(anatomy: Anatomy) -> str:
    if is_hand(anatomy):
        return f"a hand with {len(anatomy.ends)} fingers"
    if len(anatomy.ends) == 1:
        return "an arm"
    return "a robot with two arms" if len(anatomy.ends) == 2 else "a robot"


def _places(anatomy: Anatomy) -> Float[np.ndarray, "E 3"]:
    data = anatomy.positions()
    return np.asarray([getattr(data, end.array)[end.index] for end in anatomy.ends])


def _extent(anatomy: Anatomy, data: mujoco.MjData, geoms: Sequence[int], axis: Float[np.ndarray, " 3"]) -> float:
    """How far its geoms reach along a direction [m], by their boxes."""
    low, high = np.inf, -np.inf
    for geom in geoms:
        turned = data.geom_xmat[geom].reshape(3, 3)
        box = anatomy.model.geom_aabb[geom]
        middle = float((data.geom_xpos[geom] + turned @ box[:3]) @ axis)
        half = float(np.abs(axis @ turned) @ box[3:])
        low, high = min(low, middle - half), max(high, middle + half)
    return high - low
