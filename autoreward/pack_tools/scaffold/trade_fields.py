"""Fields that rewards of robots ask for everywhere, made without sensors: limits, offsets, power, feet, margins.

Contacts of feet are told by the height of their soles over level ground, as the batched simulation keeps no list of
contacts; sensors of contacts in the model, where it has any, are fields of their own, and contacts.py adds some.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import mujoco

from autoreward.pack_tools.scaffold.actuators import find_moved_dofs
from autoreward.pack_tools.scaffold.anatomy import Anatomy, Joint
from autoreward.pack_tools.scaffold.contacts import contact_drafts
from autoreward.pack_tools.scaffold.drafts import (
    AXES,
    OLD,
    Draft,
    Tracked,
    base_position,
    base_rotation,
    end_position,
    joined,
    slice_of,
)
from autoreward.pack_tools.scaffold.feet import Foot, Ground, Shin
from autoreward.pack_tools.scaffold.text import numbers

UNLIMITED = 1e3  # [rad] or [m], where a joint has no limit
MASS = "centre_of_mass"


def draft_trade_fields(anatomy: Anatomy, feet: Sequence[Foot], ground: Ground | None, falls: bool) -> Iterator[Draft]:
    """The fields, in the order in which they are told."""
    if anatomy.base != "fixed":
        yield from _base(anatomy, ground)
    for kind, unit in (("hinge", "rad"), ("slide", "m")):
        joints = [joint for joint in anatomy.limb_joints if joint.kind == kind]
        if joints:
            yield from _joints(anatomy, "joint" if kind == "hinge" else "slide", unit, joints)
    limits = _torque_limits(anatomy)
    if limits is not None:
        yield Draft(
            "torque_limit", _constant(limits), "greatest force or torque of each actuator; a constant",
            (len(limits),), "mixed", "none", tuple(one.name for one in anatomy.actuators), constant=True,
        )  # fmt: skip
    yield from _mass(anatomy)
    yield from _feet(feet, ground)
    yield from contact_drafts(anatomy.sensors)
    yield from _end_rotations(anatomy)
    yield Draft(
        "action_before_last", 'memory["action_before_last"]', "the action before last_action; 0 just after a reset",
        (anatomy.model.nu + 3 * len(anatomy.mocaps),),
        observable=False,
    )  # fmt: skip
    yield Draft(
        "control_period", "constant(xp, data, CONTROL_PERIOD)[..., 0]", "time between two actions; a constant", (), "s",
        constant=True,
    )  # fmt: skip
    if falls:
        yield from _causes(anatomy)


def tracked_trade_points(anatomy: Anatomy, feet: Sequence[Foot]) -> tuple[Tracked, ...]:
    """The points whose mean velocity is kept besides those of every pack: the centre of mass, and the feet."""
    mass = Tracked(MASS, *_centre(anatomy))
    return (mass, *(Tracked(foot.end.name, *_foot_position(foot)) for foot in feet))


def feet_heights(feet: Sequence[Foot], ground: Ground | None, upright: bool) -> str:
    """How far the sole of each foot is over the ground, as an expression."""
    terrain = ground is not None and ground.terrain is not None
    below = [foot.sole + (ground.height if ground and not terrain else 0.0) for foot in feet]
    over = f"{_foot_altitudes(feet, upright)} - {_constant(below, shaped=False)}"
    if not terrain:
        return over
    ends = ", ".join(f"ground_height(xp, {_foot_position(foot)[0]})" for foot in feet)
    return f"{over} - xp.stack([{ends}], axis=-1)"


def _foot_altitudes(feet: Sequence[Foot], upright: bool) -> str:
    """How high the point of each foot is in the world; neighbours in MuJoCo's arrays are taken at once."""
    places = [foot.end.index for foot in feet]
    if upright and len({foot.end.array for foot in feet}) == 1 and not any(foot.shin for foot in feet):
        array, first = feet[0].end.array, places[0]
        if places == list(range(first, first + len(places))):
            return f"data.{array}[..., {first}:{first + len(places)}, 2]"
    return f"xp.stack([{', '.join(_foot_altitude(foot, upright) for foot in feet)}], axis=-1)"


def _foot_position(foot: Foot) -> tuple[str, frozenset[str]]:
    """Where a foot stands, as an expression, and the arrays it reads: its end, or the end of its shin's axis."""
    if foot.shin is None:
        return end_position(foot.end)
    return f"data.geom_xpos[..., {foot.shin.geom}, :] + {_turned_half(foot.shin)}", frozenset({"geom_xpos", "xquat"})


def _turned_half(shin: Shin) -> str:
    """From the middle of a shin to the end of its axis, in the world, as an expression."""
    return f"rotated(xp, data.xquat[..., {shin.body}, :], {shin.half})"


def _foot_altitude(foot: Foot, upright: bool) -> str:
    """How high the point of a foot is, or the lower end of its shin's axis."""

    def high(place: str) -> str:
        # data.site_xpos[..., 3, :] -> data.site_xpos[..., 3, 2]
        return f"{place.removesuffix(':]')}2]" if upright else f"xp.sum({place} * UPWARD, axis=-1)"

    if foot.shin is None:
        return high(end_position(foot.end)[0])
    half = _turned_half(foot.shin)
    rise = f"{half}[..., 2]" if upright else f"xp.sum({half} * UPWARD, axis=-1)"
    return f"{high(f'data.geom_xpos[..., {foot.shin.geom}, :]')} - xp.abs({rise})"


def _below(place: str, ground: Ground | None) -> tuple[str, str]:
    """What is taken from the altitude of a point to have its height, and over what that is."""
    if ground is None:
        return "", "the world's origin: the ground is not level"
    if ground.terrain is not None:
        return f" - ground_height(xp, {place})", "the ground straight below it, by its height field"
    return f" - {ground.height:g}" if ground.height else "", f"the ground, which is level at {ground.height:g} m"


def _base(anatomy: Anatomy, ground: Ground | None) -> Iterator[Draft]:
    name, (place, read), (turn, reads) = anatomy.main_name, base_position(anatomy), base_rotation(anatomy)
    free = next((joint for joint in anatomy.base_joints if joint.kind == "free"), None)
    velocity = slice_of("qvel", range(free.dof, free.dof + 3)) if free else f'memory["{name}_mean_velocity"]'
    yield Draft(
        f"{name}_own_velocity", f"turned_back(xp, {turn}, {velocity})", f"velocity of the {name} in its own frame",
        (3,), "m/s", "body", AXES, reads=reads | frozenset({"qvel"}),
    )  # fmt: skip
    yield Draft(
        f"{name}_gravity", f"turned_back(xp, {turn}, -UPWARD)",
        f"direction of gravity in the frame of the {name}: (0, 0, -1) where its own z axis points up",
        (3,), "1", "body", AXES, reads=reads,
    )  # fmt: skip
    below, level = _below(place, ground)
    yield Draft(
        f"{name}_height", f"xp.sum({place} * UPWARD, axis=-1){below}", f"height of the {name} over {level}", (), "m",
        "world", reads=read,
    )  # fmt: skip


def _joints(anatomy: Anatomy, name: str, unit: str, joints: Sequence[Joint]) -> Iterator[Draft]:
    count, names, force = (len(joints),), tuple(joint.name for joint in joints), "N m" if unit == "rad" else "N"
    place = joined("qpos", (joint.qpos for joint in joints))
    speed = joined("qvel", (joint.dof for joint in joints))
    pushed = joined("qfrc_actuator", (joint.dof for joint in joints))
    home = _constant([anatomy.home[joint.qpos] for joint in joints], shaped=False)
    lower = [joint.limits[0] if joint.limits else -UNLIMITED for joint in joints]
    upper = [joint.limits[1] if joint.limits else UNLIMITED for joint in joints]
    pushes = frozenset({"qfrc_actuator"})

    def draft(end: str, code: str, meaning: str, unit: str, reads: set[str] | frozenset[str], constant: bool) -> Draft:
        return Draft(
            f"{name}_{end}", code, meaning, count, unit, "joint", names, observable=end not in ("torque", "power",
            "acceleration"), reads=frozenset(reads), constant=constant,
        )  # fmt: skip

    yield draft("offset", f"{place} - {home}", f"{name}_position minus that of the initial pose", unit, {"qpos"}, False)
    yield draft("acceleration", joined("qacc", (joint.dof for joint in joints)),
                f"rate of change of {name}_velocity, {OLD}", f"{unit}/s^2", {"qacc"}, False)  # fmt: skip
    at_home = [anatomy.home[joint.qpos] for joint in joints]
    yield draft("home", _constant(at_home), f"{name}_position of the initial pose; a constant", unit, set(), True)
    yield draft("lower", _constant(lower), "lower limits; a constant", unit, set(), True)
    yield draft("upper", _constant(upper), "upper limits; a constant", unit, set(), True)
    if not {joint.dof for joint in joints} & _driven(anatomy):
        return
    yield draft("torque", pushed, f"what the actuators exert on each of them together, {OLD}", force, pushes, False)
    yield draft("power", f"{pushed} * {speed}", "torque times velocity of each, negative where it brakes", "W",
                pushes | {"qvel"}, False)  # fmt: skip


def _driven(anatomy: Anatomy) -> frozenset[int]:
    """The degrees of freedom that an actuator moves."""
    return frozenset[int]().union(*find_moved_dofs(anatomy.model, anatomy.home))


def _torque_limits(anatomy: Anatomy) -> list[float] | None:
    """The greatest force of each actuator, None where one of them has no limit."""
    model, limits = anatomy.model, []
    for index in range(model.nu):
        gear = abs(float(model.actuator_gear[index, 0]))
        plain = int(model.actuator_biastype[index]) == mujoco.mjtBias.mjBIAS_NONE
        if model.actuator_forcelimited[index]:
            limits.append(max(abs(float(value)) for value in model.actuator_forcerange[index]) * gear)
        elif plain and model.actuator_ctrllimited[index]:
            gain = abs(float(model.actuator_gainprm[index, 0]))
            limits.append(max(abs(float(value)) for value in model.actuator_ctrlrange[index]) * gain * gear)
        else:
            return None
    return limits or None


def _centre(anatomy: Anatomy) -> tuple[str, frozenset[str]]:
    root = int(anatomy.model.body_rootid[anatomy.main])
    return f"data.subtree_com[..., {root}, :]", frozenset({"subtree_com"})


def _mass(anatomy: Anatomy) -> Iterator[Draft]:
    code, reads = _centre(anatomy)
    meaning = f"centre of mass of the robot, {OLD}"
    yield Draft(MASS, code, meaning, (3,), "m", "world", AXES, anatomy.base == "fixed", reads)
    yield Draft(
        f"{MASS}_velocity", f'memory["{MASS}_mean_velocity"]',
        "displacement of the centre of mass over the last control step, divided by its duration; 0 after reset",
        (3,), "m/s", "world", AXES, reads=reads,
    )  # fmt: skip


def _feet(feet: Sequence[Foot], ground: Ground | None) -> Iterator[Draft]:
    if not feet:
        return
    names = tuple(foot.end.name for foot in feet)
    reads = frozenset[str]().union(*(_foot_position(foot)[1] for foot in feet))

    def draft(name: str, code: str, meaning: str, unit: str) -> Draft:
        return Draft(name, code, meaning, (len(feet),), unit, "none", names, observable=False, reads=reads)

    speeds = ", ".join(f'level_speed(xp, memory["{name}_mean_velocity"])' for name in names)
    over = "the ground" if ground else "the world's origin"
    yield draft("foot_height", "foot_heights(xp, data)", f"height of each sole over {over}, {OLD}", "m")
    yield draft("foot_speed", f"xp.stack([{speeds}], axis=-1)", "how fast each foot moves along the ground, mean over "
                "the last control step", "m/s")  # fmt: skip
    if ground is None:
        return
    touching = "1 where the sole of a foot touches the ground, told by its height, else 0"
    yield draft("foot_contact", "foot_contacts(xp, data)", touching, "1")
    yield draft("foot_air_time", 'memory["foot_air_time"]', "since when each foot is in the air; 0 on the ground", "s")
    yield draft("foot_landed", 'memory["foot_landed"]', "1 where a foot has touched down in this step, else 0", "1")
    yield draft("foot_last_air_time", 'memory["foot_last_air_time"]', "how long the last flight of each foot was", "s")


def _end_rotations(anatomy: Anatomy) -> Iterator[Draft]:
    """How the ends of a fixed robot are turned; for a moving one they would be four numbers for every foot."""
    for end in anatomy.ends if anatomy.base == "fixed" else ():
        yield Draft(
            f"{end.name}_rotation", f"data.xquat[..., {end.body}, :]",
            f"orientation of the body that carries {end.name} as a quaternion (w, x, y, z), {OLD}",
            (4,), "1", "world", ("w", "x", "y", "z"), reads=frozenset({"xquat"}),
        )  # fmt: skip


def _causes(anatomy: Anatomy) -> Iterator[Draft]:
    """Why an episode ends: the two parts of terminated(), as what is left of each."""
    name, (place, read), (turn, reads) = anatomy.main_name, base_position(anatomy), base_rotation(anatomy)
    yield Draft(
        "lean_margin", f"MAX_TILT - tilt(xp, {turn})",
        f"how much farther the {name} may lean before the episode ends; below 0 where it ended for that",
        (), "rad", reads=reads,
    )  # fmt: skip
    yield Draft(
        "height_margin", f"xp.sum({place} * UPWARD, axis=-1) - MIN_HEIGHT",
        f"how much deeper the {name} may sink before the episode ends; below 0 where it ended for that", (), "m",
        reads=read,
    )  # fmt: skip


def _constant(values: Sequence[float], shaped: bool = True) -> str:
    """Numbers that are the same in every state, with the leading axes of the data where they are a field."""
    written = f"xp.asarray({numbers([float(value) for value in values])})"
    return f"constant(xp, data, {written})" if shaped else written
