"""How episodes of a new pack begin: the initial pose, and how far from it each of them is."""

from __future__ import annotations

import math

from autoreward.pack_tools.scaffold.anatomy import Anatomy, Joint

NOISE = 0.05  # [rad] or [m] of a joint after a reset, less where its range is small
VELOCITY = 0.05  # standard deviation of a velocity after a reset
OBJECT_SPREAD = 0.05  # [m] of a loose object to each side, over the ground
OBJECT_TURN = round(math.pi, 4)  # [rad] about the vertical, to each side


def initial_positions(anatomy: Anatomy) -> list[float]:
    """qpos around which episodes begin: the home pose, with doors and drawers that rest at a limit a little open."""
    home = list(anatomy.home)
    for joint in _hung(anatomy):
        low, high = joint.limits or (-math.inf, math.inf)
        ajar = min(NOISE, 0.1 * (high - low)) / 2
        home[joint.qpos] = round(min(max(home[joint.qpos], low + ajar), high - ajar), 6)
    return home


def positions_noise(anatomy: Anatomy) -> list[float]:
    """How far each entry of qpos may be from the initial pose; 0 in quaternions, which are turned as a whole."""
    noise, home = [0.0] * anatomy.model.nq, initial_positions(anatomy)
    for joint in anatomy.joints:
        if joint.kind in ("hinge", "slide") and joint not in anatomy.base_joints and not anatomy.is_locked(joint):
            room = [abs(limit - home[joint.qpos]) for limit in joint.limits or ()]
            noise[joint.qpos] = round(min([NOISE, *room]), 4)
    for free in (thing.free for thing in anatomy.things if thing.free is not None):
        for axis, up in enumerate(anatomy.up):
            noise[free.qpos + axis] = round(OBJECT_SPREAD * (1.0 - abs(up)), 4)
    return noise


def _hung(anatomy: Anatomy) -> list[Joint]:
    """The joints of doors, drawers and buttons."""
    joints = [joint for thing in anatomy.things for joint in thing.joints]
    return [joint for joint in joints if joint.kind in ("hinge", "slide")]


def velocities_noise(anatomy: Anatomy) -> float | list[float]:
    """The standard deviation of each entry of qvel after a reset, one number where all are alike.

    Loose objects rest, and so does what is locked.
    """
    still = {dof for thing in anatomy.things if thing.free is not None for dof in thing.free.velocities}
    still |= {dof for joint in anatomy.joints if anatomy.is_locked(joint) for dof in joint.velocities}
    if not still:
        return VELOCITY
    return [0.0 if dof in still else VELOCITY for dof in range(anatomy.model.nv)]


def turned_objects(anatomy: Anatomy) -> list[int]:
    """The first entries of the quaternions in qpos of loose objects, which start turned about the vertical."""
    return [thing.free.qpos + 3 for thing in anatomy.things if thing.free is not None]


def describe_start(anatomy: Anatomy) -> str:
    """The initial pose, in words."""
    if anatomy.home_name:
        return f'the keyframe "{anatomy.home_name}"'
    return "the rest pose of the model, within the limits of its joints"
