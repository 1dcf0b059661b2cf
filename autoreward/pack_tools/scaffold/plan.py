"""What stands in a new pack: decided here from the robot's anatomy, put into words by the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from autoreward.environment.simulation.model import name_of
from autoreward.environment.simulation.randomisation import read_nominal_numbers
from autoreward.pack_tools.scaffold.anatomy import Anatomy, Joint, Vector
from autoreward.pack_tools.scaffold.commands import Command, decide_commands
from autoreward.pack_tools.scaffold.drafts import (
    Draft,
    Tracked,
    base_position,
    base_rotation,
    choose_tracked_points,
    draft_fields,
    joined,
    slice_of,
    with_new_names,
)
from autoreward.pack_tools.scaffold.examples import HELD, Example, draft_examples
from autoreward.pack_tools.scaffold.feet import TOUCH, find_feet, find_ground
from autoreward.pack_tools.scaffold.kinds import kind_of, say_ends, say_size
from autoreward.pack_tools.scaffold.poses import measure_reach
from autoreward.pack_tools.scaffold.starts import (
    OBJECT_TURN,
    describe_start,
    initial_positions,
    positions_noise,
    turned_objects,
    velocities_noise,
)
from autoreward.pack_tools.scaffold.targets import Moved, delta_values, moved_targets
from autoreward.pack_tools.scaffold.text import literal, number, sentences
from autoreward.pack_tools.scaffold.trade_fields import draft_trade_fields, feet_heights, tracked_trade_points

CONTROL_PERIOD = 0.02  # [s] aimed at
SECONDS = 10.0  # an episode
LED_STEP = 0.02  # [m] that a mocap body is moved by one action, at most
LED_BOX = 0.3  # [m] around its place in the model, where it stays
LEANING = 0.9  # [rad] of the base in its initial pose, from which it lies and cannot fall
UNSEEN = ("framepos", "subtreecom")  # sensors that tell where a moving base is over the ground
VELOCITIES = ("velocimeter", "framelinvel", "subtreelinvel")  # and those of a velocity that no real sensor tells
OBSERVE = ("velocity", "height")  # what a policy is shown of a free base where that is asked for
FALLEN = 0.4  # share of its initial height below which a robot on a free base has fallen


@dataclass(frozen=True)
class Seen:
    """One part of the observation, or of what the value network sees in addition."""

    code: str
    size: int
    comment: str
    name: str  # by which RANDOMISE tells it


@dataclass(frozen=True)
class Plan:
    """Everything that the templates of a pack ask for."""

    values: Mapping[str, Any]
    examples: tuple[Example, ...]
    fields: int
    observation: int


def plan_pack(
    anatomy: Anatomy,
    forward: Vector | None,
    commands: Sequence[str] = (),
    every: float | None = None,
    delta: bool = False,
    observe: Sequence[str] = (),
) -> Plan:
    """Decide on a pack for a robot.

    Args:
        forward: unit vector in the world; by default along the base's own rail, else +x.
        commands: what is drawn at each reset and shown to the policy, each "KIND" or "KIND:NAME".
        every: [s] after which commands are drawn anew within an episode; None: they last an episode.
        delta: actions move the targets of its servos.
        observe: "velocity", "height": what else of a free base the policy sees, though no sensor of a real one tells.

    Raises:
        UsageError: this robot cannot follow such a command, or has no servos whose targets could be moved.
    """
    decided = decide_commands(anatomy, commands)
    directions = _directions(anatomy, forward)
    frames = max(1, round(CONTROL_PERIOD / float(anatomy.model.opt.timestep)))
    period = round(float(anatomy.model.opt.timestep) * frames, 9)
    horizon = max(1, round(SECONDS / period))
    feet, ground, falls = find_feet(anatomy), find_ground(anatomy), _falls(anatomy)
    ordered = [*(one for command in decided for one in command.drafts), *draft_fields(anatomy)]
    drafts = with_new_names([*ordered, *draft_trade_fields(anatomy, feet, ground, falls)])
    moved = moved_targets(anatomy, period) if delta else ()
    observation = _observation(anatomy, decided, moved, observe)
    privileged = _privileged(anatomy, observe)
    tracked = (*choose_tracked_points(anatomy), *tracked_trade_points(anatomy, feet))
    values = {
        "timestep": f"{float(anatomy.model.opt.timestep):g}",
        "frame_skip": frames,
        "period": f"{period:g}",
        "horizon": horizon,
        "duration": f"{horizon * period:g}",
        "foresight": f"{100 * period:g}",
        "actuators": anatomy.actuators,
        "action": _action(anatomy, delta),
        "directions": directions,
        "data": _data(drafts, tracked, (*observation, *privileged), anatomy),
        "observation": observation,
        "privileged": privileged,
        "fields": drafts,
        "tracked": tracked,
        "randomise": _randomise_example(anatomy),
        "commands": decided,
        "command_kinds": {command.kind for command in decided},
        "drawn_numbers": sum(len(command.low) for command in decided),
        "every": None if every is None else max(1, round(every / period)),
        "feet": [foot.end.name for foot in feet],
        "foot_heights": feet_heights(feet, ground, _is_upright(anatomy)) if feet else "",
        "level": ground is not None,
        "terrain": None if ground is None else ground.terrain,
        "ground_height": 0.0 if ground is None else ground.height,
        "upright": _is_upright(anatomy),
        "touch": TOUCH,
        "contact_sensors": any(one.added for one in anatomy.sensors),
        "rotates": anatomy.base != "fixed" or bool(turned_objects(anatomy)),
        **_words(anatomy, horizon, horizon * period, directions["forward"]),
        **_base_values(anatomy, directions),
        **_start(anatomy),
        **_led(anatomy),
        **delta_values(moved, len(anatomy.actuators)),
    }
    reach = measure_reach(anatomy, anatomy.ends[0]) if anatomy.ends else None
    examples = draft_examples(
        anatomy, directions["forward"], horizon * period, decided, reach, falls or not _lies(anatomy)
    )
    examples = tuple(
        replace(
            one,
            params=_filled(one.params, period, horizon),
            body=[line.replace("HOLD", str(max(1, round(HELD / period)))) for line in one.body],
        )
        for one in examples
    )
    return Plan(values, examples, len(drafts), sum(part.size for part in observation))


def _randomise_example(anatomy: Anatomy) -> list[str]:
    """Ranges that suit this robot, as lines of the pack; they stand there as a comment."""
    model = anatomy.model
    carrier = name_of(model, "body", anatomy.main) if model.body_mass[anatomy.main] > 0 else ""
    lines = [f'dict(quantity="mass", of={literal(carrier or "all")}, scale=(0.8, 1.2)),']
    for quantity, how in (("friction", "scale=(0.7, 1.3), together=True"), ("gain", "scale=(0.9, 1.1)")):
        if read_nominal_numbers(model, quantity).any():
            lines.append(f'dict(quantity="{quantity}", of="all", {how}),')
    return lines


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


def _observation(
    anatomy: Anatomy, commands: Sequence[Command], moved: Sequence[Moved], observe: Sequence[str]
) -> tuple[Seen, ...]:
    model = anatomy.model
    parts = _of_state(anatomy, observe)
    if model.na:
        parts.append(Seen("data.act", model.na, "activations of the actuators", "activation"))
    blind = UNSEEN if anatomy.base != "fixed" else ()
    blind = (*blind, *VELOCITIES) if anatomy.base == "free" and "velocity" not in observe else blind
    read = [one for one in anatomy.sensors if one.kind not in blind and not one.added]
    entries = [entry for one in read for entry in range(one.address, one.address + one.size)]
    if entries:
        whole = len(entries) == model.nsensordata
        code = "data.sensordata" if whole else joined("sensordata", entries)
        words = "what the sensors read" if whole else "what sensors of the robot read"
        parts.append(Seen(code, len(entries), words, "sensors"))
    size = model.nu + 3 * len(anatomy.mocaps)
    parts.append(Seen('memory["last_action"]', size, "the action before this state", "last_action"))
    if moved:
        parts.append(Seen('memory["servo_goal"]', len(moved), "where the servos hold their joints", "servo_goal"))
    for one in anatomy.mocaps:
        parts.append(Seen(f'memory["{one.name}_leader"]', 3, f"where the {one.name} is led to", f"{one.name}_leader"))
    for command in commands:
        for draft in (one for one in command.drafts if one.name in command.seen):
            code = draft.expression if draft.shape else f"({draft.expression})[..., None]"
            parts.append(Seen(code, draft.shape[0] if draft.shape else 1, draft.name, draft.name))
    return tuple(parts)


def _of_state(anatomy: Anatomy, observe: Sequence[str]) -> list[Seen]:
    """Parts of qpos and qvel that the policy sees: of the base, of its joints, of objects."""
    hidden, unseen = _hidden(anatomy, observe), _unseen_velocities(anatomy, observe)
    base = {entry for joint in anatomy.base_joints for entry in joint.positions}
    base_dofs = {entry for joint in anatomy.base_joints for entry in joint.velocities}
    limbs = {entry for joint in anatomy.limb_joints for entry in joint.positions}
    limb_dofs = {entry for joint in anatomy.limb_joints for entry in joint.velocities}
    parts = []
    for array, count, groups, left_out, what in (
        ("qpos", anatomy.model.nq, (base, limbs), hidden, "position"),
        ("qvel", anatomy.model.nv, (base_dofs, limb_dofs), unseen, "velocity"),
    ):
        rest = set(range(count)).difference(*groups)
        for name, group, words in zip(("base", "joint", "object"), (*groups, rest), _OF_STATE[what], strict=True):
            entries = sorted(group - left_out)
            if entries:
                whole = len(entries) == count
                code = f"data.{array}" if whole and array == "qvel" else joined(array, entries)
                parts.append(Seen(code, len(entries), words, f"{name}_{what}"))
    return parts


_OF_STATE = {
    "position": ("how the base stands", "positions of its joints", "places and orientations of objects"),
    "velocity": ("how the base moves", "velocities of its joints", "velocities of objects"),
}


def _privileged(anatomy: Anatomy, observe: Sequence[str]) -> tuple[Seen, ...]:
    """What only the value network sees: of a free base, its height and velocity, and what its motors exert."""
    if anatomy.base != "free":
        return ()
    parts = []
    height = sorted(_hidden(anatomy, observe) - _hidden(anatomy, ("height",)))
    if height:
        parts.append(Seen(joined("qpos", height), len(height), "height of the base", "base_height"))
    moving = sorted(_unseen_velocities(anatomy, observe))
    if moving:
        parts.append(Seen(joined("qvel", moving), len(moving), "velocity of the base in the world", "base_velocity"))
    count = anatomy.model.nu
    return (
        (*parts, Seen("data.actuator_force", count, "what the actuators exert", "actuator_force"))
        if count
        else (*parts,)
    )


def _unseen_velocities(anatomy: Anatomy, observe: Sequence[str]) -> set[int]:
    """Entries of qvel that no sensor of a free base tells: its velocity."""
    if "velocity" in observe:
        return set()
    free = [joint for joint in anatomy.base_joints if joint.kind == "free"]
    return {joint.dof + index for joint in free for index in range(3)}


def _hidden(anatomy: Anatomy, observe: Sequence[str] = ()) -> set[int]:
    """Entries of qpos that say where a moving base is: over the ground, and above it unless that is asked for."""
    hidden = set()
    for joint in anatomy.base_joints:
        if joint.kind == "free":
            upright = max(range(3), key=lambda index: abs(anatomy.up[index]))
            seen = {upright} if "height" in observe else set()
            hidden |= {joint.qpos + index for index in range(3) if index not in seen}
        elif joint.kind == "slide":
            axis = _in_world(anatomy, joint.axis)
            if abs(sum(a * b for a, b in zip(axis, anatomy.up, strict=True))) < 0.5:
                hidden.add(joint.qpos)
    return hidden


def _data(
    drafts: Sequence[Draft], tracked: Sequence[Tracked], observation: Sequence[Seen], anatomy: Anatomy
) -> tuple[str, ...]:
    """The MuJoCo arrays that the pack's functions read, the state first."""
    read = {"qpos", "qvel"}.union(*(draft.reads for draft in drafts), *(one.reads for one in tracked))
    if anatomy.base != "fixed":
        read |= base_position(anatomy)[1] | base_rotation(anatomy)[1]
    read |= {
        name
        for name in ("act", "actuator_force", "sensordata", "xpos")
        if any(f"data.{name}" in part.code for part in observation)
    }
    return ("qpos", "qvel", *sorted(read - {"qpos", "qvel"}))


def _action(anatomy: Anatomy, delta: bool) -> str:
    named = ", ".join(f"{one.name} ({one.kind})" for one in anatomy.actuators)
    what = (
        "by how much the target of each position servo moves, and control of the rest"
        if delta
        else "control of each actuator"
    )
    parts = [f"{what}, in this order: {named}"] if named else []
    parts += [f"displacement of where the {one.name} is led to [m]: x, y, z" for one in anatomy.mocaps]
    return "; then ".join(parts)


def _led(anatomy: Anatomy) -> dict[str, Any]:
    """Mocap bodies that lead the robot: each is moved by three entries of the action, within a box."""
    led = []
    for number_, one in enumerate(anatomy.mocaps):
        low = [round(value - LED_BOX, 3) for value in one.place]
        high = [round(value + LED_BOX, 3) for value in one.place]
        first = anatomy.model.nu + 3 * number_
        led.append({"name": one.name, "index": one.index, "low": low, "high": high, "first": first})
    places = [[float(value) for value in anatomy.model.body_pos[body]] for body in _mocap_bodies(anatomy.model)]
    return {"led": led, "led_step": LED_STEP, "mocap_places": places, "controls": int(anatomy.model.nu)}


def _mocap_bodies(model: Any) -> list[int]:
    """The mocap bodies in the order of mocap_pos."""
    bodies = [body for body in range(model.nbody) if model.body_mocapid[body] >= 0]
    return sorted(bodies, key=lambda body: int(model.body_mocapid[body]))


def _words(anatomy: Anatomy, horizon: int, seconds: float, forward: Vector) -> dict[str, Any]:
    base = {"free": "a free base", "planar": "a base that moves in a plane", "fixed": "a fixed base"}[anatomy.base]
    count = len(anatomy.limb_joints)
    joints = f"{count} joint{'s' if count != 1 else ''}"
    said = {
        "free": f"Its base, the {anatomy.main_name}, moves freely in space.",
        "planar": f"Its base, the {anatomy.main_name}, moves in a plane: nothing drives the joints that hold it.",
        "fixed": "It is bolted down.",
    }
    description = [f"It is {kind_of(anatomy)}.", said[anatomy.base], say_size(anatomy, forward)]
    if anatomy.mocaps:
        names = sentences([one.name for one in anatomy.mocaps])
        description.append(f"The policy leads its {names}: the joints before it follow, whatever force that takes.")
    if anatomy.ends:
        description.append(f"Its limbs end in: {sentences(say_ends(anatomy))}.")
    if anatomy.things:
        description.append(f"It meets objects that nothing drives: {sentences([one.name for one in anatomy.things])}.")
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
    """Whether it stands on something: a base that can sink, with gravity, upright and above the ground."""
    if anatomy.base == "fixed" or not any(anatomy.model.opt.gravity) or not _can_sink(anatomy):
        return False
    return _min_height(anatomy) > 0.02 and not _lies(anatomy)


def _is_upright(anatomy: Anatomy) -> bool:
    """Whether gravity points along -z."""
    return anatomy.up == (0.0, 0.0, 1.0)


def _lies(anatomy: Anatomy) -> bool:
    """Whether the base starts far from upright."""
    turned, up = anatomy.positions().xmat[anatomy.main].reshape(3, 3), np.asarray(anatomy.up)
    leaning = float(np.arccos(np.clip(_own_up(anatomy) @ turned.T @ up, -1.0, 1.0)))
    return anatomy.base != "fixed" and leaning >= LEANING


def _can_sink(anatomy: Anatomy) -> bool:
    return any(joint.kind == "free" or _is_upright_slide(anatomy, joint) for joint in anatomy.base_joints)


def _is_upright_slide(anatomy: Anatomy, joint: Joint) -> bool:
    axis = _in_world(anatomy, joint.axis)
    return joint.kind == "slide" and abs(sum(a * b for a, b in zip(axis, anatomy.up, strict=True))) > 0.5


def _min_height(anatomy: Anatomy) -> float:
    if anatomy.base == "fixed":
        return 0.0
    place = anatomy.positions().xpos[anatomy.main]
    return round(FALLEN * float(place @ np.asarray(anatomy.up)), 3)


def _own_up(anatomy: Anatomy) -> NDArray[Any]:
    """The base's own up, in its frame: what points up where the model rests, whatever the initial pose."""
    data = mujoco.MjData(anatomy.model)
    mujoco.mj_kinematics(anatomy.model, data)
    return np.asarray(data.xmat[anatomy.main].reshape(3, 3).T @ np.asarray(anatomy.up))


def _base_values(anatomy: Anatomy, directions: Mapping[str, Vector]) -> dict[str, Any]:
    values: dict[str, Any] = {"main": anatomy.main_name, "falls": _falls(anatomy), "moving": anatomy.base != "fixed"}
    if anatomy.base == "fixed":
        return values
    # A body's rotation matrix maps its frame to the world; its transpose maps back.
    back = anatomy.positions().xmat[anatomy.main].reshape(3, 3).T
    own_up = _own_up(anatomy)
    if back @ np.asarray(directions["up"]) @ own_up < np.cos(LEANING):  # it starts lying: forward as the model rests
        rest = mujoco.MjData(anatomy.model)
        mujoco.mj_kinematics(anatomy.model, rest)
        back = rest.xmat[anatomy.main].reshape(3, 3).T
    values |= {
        "up": _vector(own_up),
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
    return {
        "home": initial_positions(anatomy),
        "noise": positions_noise(anatomy),
        "velocity_noise": velocities_noise(anatomy),
        "turned": turned_objects(anatomy),
        "object_turn": OBJECT_TURN,
        "home_comment": describe_start(anatomy),
    }
