"""What a robot can be commanded: drawn at each reset or oftener, shown to the policy and to rewards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from autoreward.errors import UnknownNameError, UsageError
from autoreward.pack_tools.scaffold.anatomy import Anatomy, Thing, Vector
from autoreward.pack_tools.scaffold.drafts import AXES, Draft, base_rotation, end_position, slice_of
from autoreward.pack_tools.scaffold.limbs import End
from autoreward.pack_tools.scaffold.poses import measure_reach

Kind = Literal["velocity", "heading", "target", "orientation"]
KINDS: tuple[Kind, ...] = get_args(Kind)

AROUND, ABOVE = 0.15, 0.25  # [m] around and above its start, where an object shall go
LOWEST = 0.02  # [m] above the ground, where there is one


@dataclass(frozen=True)
class Command:
    """One command: its entry in the memory, the range it is drawn from, and what tells it."""

    kind: Kind
    key: str  # in the memory
    low: tuple[float, ...]
    high: tuple[float, ...]
    comment: str  # on the range
    drafts: tuple[Draft, ...]
    seen: tuple[str, ...] = ()  # the fields that the policy sees, by name
    of: str = ""  # the end or object it is about

    @property
    def constant(self) -> str:
        """What its range is called in the pack."""
        return self.key.upper()


def decide_commands(anatomy: Anatomy, asked: Sequence[str]) -> tuple[Command, ...]:
    """The commands that a person asks for, each "KIND" or "KIND:NAME".

    Raises:
        UnknownNameError: there is no such kind, end or object.
        UsageError: this robot cannot follow such a command, or it is asked for twice.
    """
    commands: list[Command] = []
    for one in asked:
        kind, _, name = one.partition(":")
        known = next((kept for kept in KINDS if kept == kind), None)
        if known is None:
            raise UnknownNameError("command", kind, KINDS)
        command = _MAKERS[known](anatomy, name)
        if any(other.key == command.key for other in commands):
            if known != "target" or any(other.of == command.of for other in commands):
                raise UsageError(f"--command {one}: it is asked for twice.", "Leave one of them out.")
            command = _renamed(command)
        commands.append(command)
    return tuple(commands)


def _velocity(anatomy: Anatomy, name: str) -> Command:
    _need_free_base(anatomy, "velocity", name)
    names, reads = ("forward", "left", "turn"), frozenset({"qpos", "qvel"})
    error = 'own_velocity(xp, data) - memory["command"]'
    meaning = "commanded forward and left speed [m/s] and turn rate [rad/s], as the robot faces; drawn for each episode"
    drafts = (
        Draft("command", 'memory["command"]', meaning, (3,), "mixed", "body", names),
        Draft("command_error", error, "actual minus commanded speeds", (3,), "mixed", "body", names, reads=reads),
        Draft(
            "velocity_error", f"xp.sqrt(xp.sum(xp.square({error}), axis=-1))", "size of command_error", (), "m/s",
            reads=reads,
        ),
    )  # fmt: skip
    comment = "forward [m/s], left [m/s], turn [rad/s]"
    return Command("velocity", "command", (-0.5, -0.3, -0.5), (1.0, 0.3, 0.5), comment, drafts, ("command",))


def _heading(anatomy: Anatomy, name: str) -> Command:
    _need_free_base(anatomy, "heading", name)
    front = f"rotated(xp, {base_rotation(anatomy)[0]}, FRONT)"
    error = f'wrapped(xp, heading_of(xp, {front}) - memory["heading"][..., 0])'
    drafts = (
        Draft("heading_command", 'memory["heading"][..., 0]', "commanded heading, 0 along +x, to the left positive",
              (), "rad", "world"),
        Draft("heading_error", error, "actual minus commanded heading, within -pi to pi", (), "rad", "world",
              reads=frozenset({"qpos"})),
    )  # fmt: skip
    limit = (round(math.pi, 4),)
    return Command(
        "heading", "heading", (-limit[0],), limit, "[rad] about the vertical", drafts,
        ("heading_command", "heading_error"),
    )  # fmt: skip


def _target(anatomy: Anatomy, name: str) -> Command:
    holder = _holder(anatomy, name, "target", anatomy.ends)
    if isinstance(holder, End):
        place, reads = end_position(holder)
        low, high = _reachable(anatomy, holder)
        comment = f"[m] where targets lie: a box around the {holder.name}'s initial position"
    else:
        place, reads = thing_position(holder)
        low, high = _around(anatomy, holder)
        comment = f"[m] where the {holder.name} shall go: a box around and above its initial position"
    drafts = (
        Draft("target_position", 'memory["target"]', f"the target of the {holder.name}, drawn for each episode",
              (3,), "m", "world", AXES),
        Draft("target_offset", f'memory["target"] - {place}', f"from the {holder.name} to the target",
              (3,), "m", "world", AXES, reads=reads),
    )  # fmt: skip
    return Command("target", "target", low, high, comment, drafts, ("target_position", "target_offset"), holder.name)


def _orientation(anatomy: Anatomy, name: str) -> Command:
    thing = _holder(anatomy, name, "orientation", ())
    assert isinstance(thing, Thing)
    if thing.free is None:
        raise UsageError(
            f"--command orientation: {thing.name} has no free joint, so it cannot be turned any way.",
            "Name a loose object, or use --command target.",
        )
    turned = slice_of("qpos", range(thing.free.qpos + 3, thing.free.qpos + 7))
    key = f"{thing.name}_goal"
    goal = f'rotation_of(xp, memory["{key}"])'
    drafts = (
        Draft(f"{key}_rotation", goal, f"commanded orientation of {thing.name} as a quaternion (w, x, y, z)",
              (4,), "1", "world", ("w", "x", "y", "z")),
        Draft(f"{thing.name}_turn_error", f"angle_between(xp, {turned}, {goal})",
              f"angle between the orientation of {thing.name} and the commanded one, 0 to pi", (), "rad", "world",
              reads=frozenset({"qpos"})),
    )  # fmt: skip
    comment = "three numbers in 0 to 1, from which an orientation is made: all are as likely"
    return Command(
        "orientation", key, (0.0,) * 3, (1.0,) * 3, comment, drafts, (f"{key}_rotation",), thing.name
    )  # fmt: skip


_MAKERS = {"velocity": _velocity, "heading": _heading, "target": _target, "orientation": _orientation}


def thing_position(thing: Thing) -> tuple[str, frozenset[str]]:
    """An object's position as an expression, and the array it reads."""
    if thing.free is not None:
        return slice_of("qpos", range(thing.free.qpos, thing.free.qpos + 3)), frozenset({"qpos"})
    return f"data.xpos[..., {thing.body}, :]", frozenset({"xpos"})


def _holder(anatomy: Anatomy, name: str, kind: str, ends: Sequence[End]) -> End | Thing:
    holders: dict[str, End | Thing] = {end.name: end for end in ends}
    holders |= {thing.name: thing for thing in anatomy.things if ends or thing.free is not None}
    if not holders:
        what = "limb whose end could be brought to a target" if kind == "target" else "loose object to be turned"
        raise UsageError(f"--command {kind}: this robot has no {what}.", "Leave it.")
    if name and name not in holders:
        raise UnknownNameError("end or object", name, list(holders))
    return holders[name] if name else next(iter(holders.values()))


def _need_free_base(anatomy: Anatomy, kind: str, name: str) -> None:
    if name:
        raise UsageError(f"--command {kind}:{name}: {kind} is of the robot's base.", f"Write --command {kind}.")
    if anatomy.base != "free" or abs(anatomy.up[2]) < 0.99:
        raise UsageError(
            f"--command {kind}: the base of this robot is {anatomy.base}, expected one with a free joint above a "
            "level ground.",
            "Use --command target, or add a command to memory() and reset() by hand.",
        )


def _reachable(anatomy: Anatomy, end: End) -> tuple[Vector, Vector]:
    """A box around where the end starts, half as wide as it spreads in random poses, not below the ground."""
    reach = measure_reach(anatomy, end)
    low = [round(home - 0.5 * spread, 3) for home, spread in zip(reach.home, reach.spread, strict=True)]
    high = [round(home + 0.5 * spread, 3) for home, spread in zip(reach.home, reach.spread, strict=True)]
    if anatomy.up[2] > 0.99 and reach.home[2] > LOWEST:
        low[2] = max(low[2], LOWEST)
    return (low[0], low[1], low[2]), (high[0], high[1], max(high[2], low[2]))


def _around(anatomy: Anatomy, thing: Thing) -> tuple[Vector, Vector]:
    start = np.asarray(anatomy.positions().xpos[thing.body])
    up = np.abs(np.asarray(anatomy.up))
    low, high = start - AROUND * (1.0 - up), start + AROUND * (1.0 - up) + ABOVE * np.asarray(anatomy.up)
    low, high = np.round(np.minimum(low, high), 3) + 0.0, np.round(np.maximum(low, high), 3) + 0.0
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def _renamed(command: Command) -> Command:
    """A second target, named by what it is of."""
    key = f"{command.of}_target"

    def renamed(text: str) -> str:
        return text.replace('memory["target"]', f'memory["{key}"]')

    drafts = tuple(
        replace(one, name=f"{command.of}_{one.name}", expression=renamed(one.expression)) for one in command.drafts
    )
    return replace(command, key=key, drafts=drafts, seen=tuple(one.name for one in drafts))
