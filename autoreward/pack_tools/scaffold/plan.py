"""What stands in a new pack: decided here from the robot's anatomy, put into words by the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from autoreward.environment.simulation.randomisation import read_nominal_numbers
from autoreward.errors import UsageError
from autoreward.pack_tools.scaffold.anatomy import Anatomy, Vector
from autoreward.pack_tools.scaffold.drafts import (
    AXES,
    Draft,
    Tracked,
    base_position,
    base_rotation,
    choose_tracked_points,
    draft_fields,
    end_position,
    joined,
    slice_of,
)
from autoreward.pack_tools.scaffold.examples import Example, draft_examples
from autoreward.pack_tools.scaffold.poses import Reach, measure_reach
from autoreward.pack_tools.scaffold.text import literal, number, sentences

Command = Literal["velocity", "target"]

CONTROL_PERIOD = 0.02  # [s] aimed at
SECONDS = 10.0  # an episode
NOISE = 0.05  # [rad] or [m] of a joint after a reset, less where its range is small
FALLEN = 0.4  # share of its initial height below which a robot on a free base has fallen


@dataclass(frozen=True)
class Seen:
    """One part of the observation."""

    code: str
    size: int
    comment: str


@dataclass(frozen=True)
class Plan:
    """Everything that the templates of a pack ask for."""

    values: Mapping[str, Any]
    examples: tuple[Example, ...]
    fields: int
    observation: int


def plan_pack(anatomy: Anatomy, forward: Vector | None, command: Command | None) -> Plan:
    """Decide on a pack for a robot.

    Args:
        forward: unit vector in the world; by default along the base's own rail, else +x.
        command: what is drawn at each reset and shown to the policy.

    Raises:
        UsageError: this robot cannot follow such a command.
    """
    _check_command(anatomy, command)
    directions = _directions(anatomy, forward)
    frames = max(1, round(CONTROL_PERIOD / float(anatomy.model.opt.timestep)))
    period = round(float(anatomy.model.opt.timestep) * frames, 9)
    horizon = max(1, round(SECONDS / period))
    drafts, reach = [*draft_fields(anatomy)], measure_reach(anatomy) if anatomy.ends else None
    drafts += _command_drafts(anatomy, command)
    observation, tracked = _observation(anatomy, command), choose_tracked_points(anatomy)
    values = {
        "timestep": f"{float(anatomy.model.opt.timestep):g}",
        "frame_skip": frames,
        "period": f"{period:g}",
        "horizon": horizon,
        "duration": f"{horizon * period:g}",
        "foresight": f"{100 * period:g}",
        "actuators": anatomy.actuators,
        "action": _action(anatomy),
        "directions": directions,
        "data": _data(drafts, tracked, observation, anatomy),
        "observation": observation,
        "fields": drafts,
        "tracked": tracked,
        "randomise": _randomise_example(anatomy),
        "command": command,
        "drawn": "target" if command == "target" else "command",
        **_words(anatomy, horizon, horizon * period),
        **_base_values(anatomy, directions),
        **_start(anatomy),
        **_target_box(anatomy, command, reach),
    }
    examples = draft_examples(anatomy, directions["forward"], horizon * period, command, reach)
    examples = tuple(replace(one, params=_filled(one.params, period, horizon)) for one in examples)
    return Plan(values, examples, len(drafts), sum(part.size for part in observation))


def _randomise_example(anatomy: Anatomy) -> list[str]:
    """Ranges that suit this robot, as lines of the pack; they stand there as a comment."""
    model = anatomy.model
    carrier = model.body(anatomy.main).name if model.body_mass[anatomy.main] > 0 else ""
    lines = [f'dict(quantity="mass", of={literal(carrier or "all")}, scale=(0.8, 1.2)),']
    for quantity, how in (("friction", "scale=(0.7, 1.3), together=True"), ("gain", "scale=(0.9, 1.1)")):
        if read_nominal_numbers(model, quantity).any():
            lines.append(f'dict(quantity="{quantity}", of="all", {how}),')
    return lines


def _check_command(anatomy: Anatomy, command: Command | None) -> None:
    if command == "velocity" and (anatomy.base != "free" or abs(anatomy.up[2]) < 0.99):
        raise UsageError(
            f"--command velocity: the base of this robot is {anatomy.base}, expected one with a free joint above a "
            "level ground.",
            "Use --command target, or add a command to memory() and reset() by hand.",
        )
    if command == "target" and not anatomy.ends:
        raise UsageError(
            "--command target: this robot has no limb whose end could be brought to a target.", "Leave it."
        )


def _filled(params: str, period: float, horizon: int) -> str:
    return params.replace("CONTROL_PERIOD", number(period)).replace("HORIZON", number(horizon))


def _directions(anatomy: Anatomy, forward: Vector | None) -> dict[str, Vector]:
    up = np.asarray(anatomy.up)
    chosen = np.asarray(forward if forward is not None else _rail(anatomy))
    if abs(chosen @ up) > 0.99:  # it would be vertical: any level axis does
        chosen = np.asarray((0.0, 1.0, 0.0))
    left = np.cross(up, chosen)
    return {"forward": _vector(chosen), "left": _vector(left / np.linalg.norm(left)), "up": _vector(up)}


def _rail(anatomy: Anatomy) -> Vector:
    """The level slide of a planar base in the world, else +x."""
    for joint in anatomy.base_joints:
        if joint.kind == "slide":
            axis = _in_world(anatomy, joint.axis)
            if abs(sum(a * b for a, b in zip(axis, anatomy.up, strict=True))) < 0.5:
                return axis
    return 1.0, 0.0, 0.0


def _in_world(anatomy: Anatomy, axis: Vector) -> Vector:
    """A joint axis of the root body in the world, as the model places that body."""
    turned = np.zeros(3)
    mujoco.mju_rotVecQuat(turned, np.asarray(axis), anatomy.model.body_quat[anatomy.main])
    return _vector(turned)


def _vector(values: NDArray[Any]) -> Vector:
    x, y, z = (round(float(value), 6) + 0.0 for value in values)
    return x, y, z


def _observation(anatomy: Anatomy, command: Command | None) -> tuple[Seen, ...]:
    model = anatomy.model
    hidden = _hidden(anatomy)
    seen = [entry for entry in range(model.nq) if entry not in hidden]
    where = " but where the base is over the ground" if hidden else ""
    parts = [Seen(joined("qpos", seen), len(seen), f"all positions{where}")] if seen else []
    parts.append(Seen("data.qvel", model.nv, "all velocities"))
    if model.na:
        parts.append(Seen("data.act", model.na, "activations of the actuators"))
    if model.nsensordata:
        parts.append(Seen("data.sensordata", model.nsensordata, "what the sensors read"))
    parts.append(Seen('memory["last_action"]', model.nu, "the action before this state"))
    if command == "velocity":
        parts.append(Seen('memory["command"]', 3, "the commanded velocity"))
    elif command == "target":
        offset = next(draft for draft in _command_drafts(anatomy, command) if draft.name == "target_offset")
        parts += [Seen('memory["target"]', 3, "the target"), Seen(offset.expression, 3, "the way to it")]
    return tuple(parts)


def _hidden(anatomy: Anatomy) -> set[int]:
    """Entries of qpos that say where a moving base is over the ground: what it should do does not depend on them."""
    hidden = set()
    for joint in anatomy.base_joints:
        if joint.kind == "free":
            upright = max(range(3), key=lambda index: abs(anatomy.up[index]))
            hidden |= {joint.qpos + index for index in range(3) if index != upright}
        elif joint.kind == "slide":
            axis = _in_world(anatomy, joint.axis)
            if abs(sum(a * b for a, b in zip(axis, anatomy.up, strict=True))) < 0.5:
                hidden.add(joint.qpos)
    return hidden


def _command_drafts(anatomy: Anatomy, command: Command | None) -> list[Draft]:
    """The fields that tell a command, and how far the robot is from it."""
    if command == "target":
        end = anatomy.ends[0]
        place, reads = end_position(end)
        return [
            Draft("target_position", 'memory["target"]', "the target, drawn at each reset", (3,), "m", "world", AXES),
            Draft(
                "target_offset", f'memory["target"] - {place}', f"from the {end.name} to the target",
                (3,), "m", "world", AXES, reads=reads,
            ),
        ]  # fmt: skip
    if command == "velocity":
        names, reads = ("forward", "left", "turn"), frozenset({"qpos", "qvel"})
        error = 'own_velocity(xp, data) - memory["command"]'
        meaning = (
            "commanded forward and left speed [m/s] and turn rate [rad/s], as the robot faces; drawn at each reset"
        )
        size = f"xp.sqrt(xp.sum(xp.square({error}), axis=-1))"
        return [
            Draft("command", 'memory["command"]', meaning, (3,), "mixed", "body", names),
            Draft("command_error", error, "actual minus commanded speeds", (3,), "mixed", "body", names, reads=reads),
            Draft("velocity_error", size, "size of command_error", (), "m/s", reads=reads),
        ]
    return []


def _data(
    drafts: Sequence[Draft], tracked: Sequence[Tracked], observation: Sequence[Seen], anatomy: Anatomy
) -> tuple[str, ...]:
    """The MuJoCo arrays that the pack's functions read, the state first."""
    read = {"qpos", "qvel"}.union(*(draft.reads for draft in drafts), *(one.reads for one in tracked))
    if anatomy.base != "fixed":
        read |= base_position(anatomy)[1] | base_rotation(anatomy)[1]
    read |= {name for name in ("act", "sensordata") if any(f"data.{name}" in part.code for part in observation)}
    return ("qpos", "qvel", *sorted(read - {"qpos", "qvel"}))


def _action(anatomy: Anatomy) -> str:
    named = ", ".join(f"{one.name} ({one.kind})" for one in anatomy.actuators)
    return f"control of each actuator, in this order: {named}"


def _words(anatomy: Anatomy, horizon: int, seconds: float) -> dict[str, Any]:
    base = {"free": "a free base", "planar": "a base that moves in a plane", "fixed": "a fixed base"}[anatomy.base]
    count = len(anatomy.limb_joints)
    joints = f"{count} joint{'s' if count != 1 else ''}"
    said = {
        "free": f"Its base, the {anatomy.main_name}, moves freely in space.",
        "planar": f"Its base, the {anatomy.main_name}, moves in a plane: nothing drives the joints that hold it.",
        "fixed": "It is bolted down.",
    }
    description = [said[anatomy.base]]
    if anatomy.ends:
        description.append(f"Its limbs end in: {sentences([end.name for end in anatomy.ends])}.")
    cut = f"an episode is truncated after {horizon} steps ({seconds:g} s)"
    falls = (
        f"when the {anatomy.main_name} leans more than 1.2 rad or sinks below {number(_min_height(anatomy))} m; {cut}"
    )
    return {
        "title": f"a robot with {base} and {joints}",
        "description": [f"{sentence} " for sentence in description[:-1]] + description[-1:],
        "termination": falls if _falls(anatomy) else f"never; {cut}",
    }


def _falls(anatomy: Anatomy) -> bool:
    """Whether it stands on something: a free base with gravity, above the ground."""
    return anatomy.base == "free" and any(anatomy.model.opt.gravity) and _min_height(anatomy) > 0.02


def _min_height(anatomy: Anatomy) -> float:
    for joint in anatomy.base_joints:
        if joint.kind == "free":
            place = anatomy.home[joint.qpos : joint.qpos + 3]
            return round(FALLEN * sum(a * b for a, b in zip(place, anatomy.up, strict=True)), 3)
    return 0.0


def _base_values(anatomy: Anatomy, directions: Mapping[str, Vector]) -> dict[str, Any]:
    values: dict[str, Any] = {"main": anatomy.main_name, "falls": _falls(anatomy), "moving": anatomy.base != "fixed"}
    if anatomy.base == "fixed":
        return values
    data = mujoco.MjData(anatomy.model)
    data.qpos[:] = anatomy.home
    mujoco.mj_kinematics(anatomy.model, data)
    # A body's rotation matrix maps its frame to the world; its transpose maps back.
    back = data.xmat[anatomy.main].reshape(3, 3).T
    values |= {
        "up": _vector(back @ np.asarray(directions["up"])),
        "front": _vector(back @ np.asarray(directions["forward"])),
        "min_height": _min_height(anatomy),
        "base_body": anatomy.main if anatomy.base == "planar" else None,
        "base_position": base_position(anatomy)[0],
        "base_rotation": base_rotation(anatomy)[0],
    }
    for joint in (one for one in anatomy.base_joints if one.kind == "free"):
        values["base_velocity"] = slice_of("qvel", range(joint.dof, joint.dof + 2))
        values["base_turning"] = slice_of("qvel", range(joint.dof + 3, joint.dof + 6))
    return values


def _start(anatomy: Anatomy) -> dict[str, Any]:
    noise = [0.0] * anatomy.model.nq
    for joint in anatomy.joints:
        if joint.kind in ("hinge", "slide") and joint not in anatomy.base_joints:
            room = [abs(limit - anatomy.home[joint.qpos]) for limit in joint.limits or ()]
            noise[joint.qpos] = round(min([NOISE, *room]), 4)
    named = (
        f'the keyframe "{anatomy.home_name}"'
        if anatomy.home_name
        else "the rest pose of the model, within the limits of its joints"
    )
    return {"home": anatomy.home, "noise": noise, "home_comment": named}


def _target_box(anatomy: Anatomy, command: Command | None, reach: Reach | None) -> dict[str, Any]:
    """A box around where the end starts, half as wide as it spreads in random poses."""
    if command != "target" or reach is None:
        return {}
    return {
        "end": anatomy.ends[0].name,
        "target_low": [round(home - 0.5 * spread, 3) for home, spread in zip(reach.home, reach.spread, strict=True)],
        "target_high": [round(home + 0.5 * spread, 3) for home, spread in zip(reach.home, reach.spread, strict=True)],
    }
