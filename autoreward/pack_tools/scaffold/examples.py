"""The example tasks of a new pack: what a robot of this kind can be asked first, with a metric that compiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autoreward.pack_tools.scaffold.anatomy import Anatomy, Joint, Thing
from autoreward.pack_tools.scaffold.commands import Command
from autoreward.pack_tools.scaffold.drafts import FEW
from autoreward.pack_tools.scaffold.feet import find_ground
from autoreward.pack_tools.scaffold.kinds import is_hand
from autoreward.pack_tools.scaffold.poses import Reach

AXES = ("x", "y", "z")
PUSHED = 0.2  # [m] over the ground
HELD = 0.5  # [s] that something has to stay where it shall be


@dataclass(frozen=True)
class Example:
    """One task to be written."""

    name: str
    text: str
    meaning: str
    unit: str
    reference: float
    note: str  # on the reference
    doc: str
    params: str
    body: Sequence[str]


def draft_examples(
    anatomy: Anatomy,
    forward: tuple[float, ...],
    seconds: float,
    commands: Sequence[Command],
    reach: Reach | None,
    upright: bool = True,
) -> tuple[Example, ...]:
    """The tasks for a robot whose episodes last `seconds`.

    Args:
        reach: of its first end, where it has one.
        upright: whether it stands where episodes begin, else it lies.
    """
    examples = []
    for command in commands:
        if command.kind == "velocity":
            examples.append(_follow(anatomy))
        if command.kind == "target" and command.key == "target":
            examples.append(_reach(anatomy, command.of))
        if command.kind == "heading":
            examples.append(_face())
        if command.kind == "orientation":
            examples.append(_turn(command.of))
    if anatomy.base != "fixed":
        examples += [_forward(anatomy, forward, seconds), *([_stand(anatomy)] if upright else [_get_up(anatomy)])]
        if upright and anatomy.base == "free":
            turns = not any(one.name == "turn" for one in examples)
            examples += [*([_turn_round(anatomy, seconds)] if turns else []), _jump(anatomy)]
    elif reach is not None:
        examples.append(_raise(anatomy, reach))
        examples += _with_objects(anatomy, forward)
    return tuple(examples)


def _forward(anatomy: Anatomy, forward: tuple[float, ...], seconds: float) -> Example:
    field = f"trajectory.{anatomy.main_name}_mean_velocity"
    along = " + ".join(
        f"{value:.6g} * {field}[..., {index}]" for index, value in enumerate(forward) if abs(value) > 1e-6
    )
    return Example(
        name="forward",
        text="Move forward as fast and as steadily as possible.",
        meaning="distance moved forward in one episode",
        unit="m",
        reference=round(seconds, 3),
        note=", here 1 m/s: change it to what your robot should do",
        doc=f"Distance of the {anatomy.main_name} along the forward direction [m] in one episode.",
        params=f'{{"control_period": CONTROL_PERIOD, "reference": {round(seconds, 3)}}}',
        body=(
            f"velocity = {along}",
            'distance = jnp.sum(velocity * trajectory.valid, axis=0) * params["control_period"]',
            'return {"success": distance, "progress": jnp.clip(distance / params["reference"], 0.0, 1.0)}',
        ),
    )


def _stand(anatomy: Anatomy) -> Example:
    name = anatomy.main_name
    return Example(
        name="stand",
        text=f"Keep the {name} upright and stay in place.",
        meaning="share of an episode in which the robot stands upright and hardly moves",
        unit="1",
        reference=1.0,
        note="",
        doc="Share of the steps of an episode with the base within 0.3 rad of upright and slower than 0.3 m/s.",
        params='{"max_tilt": 0.3, "max_speed": 0.3, "horizon": HORIZON}',
        body=(
            f"velocity = trajectory.{name}_mean_velocity",
            "speed = jnp.sqrt(jnp.sum(jnp.square(velocity), axis=-1))",
            f'upright = jnp.abs(trajectory.{name}_tilt) < params["max_tilt"]',
            'stands = jnp.where(upright & (speed < params["max_speed"]), trajectory.valid, 0.0)',
            'share = jnp.sum(stands, axis=0) / params["horizon"]',
            'return {"success": share, "progress": share}',
        ),
    )


def _get_up(anatomy: Anatomy) -> Example:
    name = anatomy.main_name
    return Example(
        name="get_up",
        text=f"Get up: bring the {name} upright from lying, and keep it there.",
        meaning="share of an episode in which the robot is upright within 0.3 rad",
        unit="1",
        reference=0.8,
        note=": getting up takes some of the episode",
        doc="Share of the steps of an episode with the base within 0.3 rad of upright.",
        params='{"near": 0.3, "width": 1.0, "horizon": HORIZON}',
        body=_SHARE_WITHIN.format(distance=f"jnp.abs(trajectory.{name}_tilt)").splitlines(),
    )


def _jump(anatomy: Anatomy) -> Example:
    name, ground = anatomy.main_name, find_ground(anatomy)
    start = float(anatomy.positions().xpos[anatomy.main] @ np.asarray(anatomy.up)) - (ground.height if ground else 0.0)
    reference = round(max(0.5 * abs(start), 0.05), 3)
    return Example(
        name="jump",
        text="Jump as high as possible, and land without falling.",
        meaning=f"how far the {name} rises above its start at most, times the share of the episode before a fall",
        unit="m",
        reference=reference,
        note=", half the height at which it stands",
        doc=f"The greatest rise of the {name} above its start [m], times the share of the horizon it stays up.",
        params=f'{{"start": {start:.4g}, "reference": {reference}, "horizon": HORIZON}}',
        body=(
            f'rise = jnp.maximum(trajectory.{name}_height - params["start"], 0.0)',
            'lived = jnp.sum(trajectory.valid, axis=0) / params["horizon"]',
            "best = jnp.max(jnp.where(trajectory.valid > 0, rise, 0.0), axis=0) * lived",
            'return {"success": best, "progress": jnp.clip(best / params["reference"], 0.0, 1.0)}',
        ),
    )


def _turn_round(anatomy: Anatomy, seconds: float) -> Example:
    name = anatomy.main_name
    return Example(
        name="turn",
        text="Turn to the left on the spot, as fast and as steadily as possible.",
        meaning="angle turned to the left in one episode",
        unit="rad",
        reference=round(0.5 * seconds, 3),
        note=", here 0.5 rad/s: change it to what your robot should do",
        doc=f"Angle by which the {name} turns to the left about the vertical [rad] in one episode.",
        params=f'{{"control_period": CONTROL_PERIOD, "reference": {round(0.5 * seconds, 3)}}}',
        body=(
            f"rate = -jnp.sum(trajectory.{name}_angular_velocity * trajectory.{name}_gravity, axis=-1)",
            'angle = jnp.sum(jnp.where(trajectory.valid > 0, rate, 0.0), axis=0) * params["control_period"]',
            'return {"success": angle, "progress": jnp.clip(angle / params["reference"], 0.0, 1.0)}',
        ),
    )


def _with_objects(anatomy: Anatomy, forward: tuple[float, ...]) -> list[Example]:
    """Hold the first loose object in the hand; push and lift it; open the first door or drawer."""
    loose = [thing for thing in anatomy.things if thing.free is not None and anatomy.up[2] > 0.99]
    hung = [joint for thing in anatomy.things for joint in thing.joints if joint.kind in ("hinge", "slide")]
    doors = [joint for joint in hung if joint.limits is not None] if len(hung) <= FEW else []
    held = is_hand(anatomy)
    return [
        *(_hold(anatomy, thing) if held else _push(anatomy, thing, forward) for thing in loose[:1]),
        *(_lift(anatomy, thing) for thing in loose[:1]),
        *(_open(anatomy, joint) for joint in doors[:1]),
    ]


def _hold(anatomy: Anatomy, thing: Thing) -> Example:
    start = [round(float(value), 4) for value in anatomy.positions().xpos[thing.body]]
    return Example(
        name="hold",
        text=f"Hold the {thing.name} in the hand, and do not drop it.",
        meaning=f"share of an episode in which the {thing.name} is within 5 cm of where it starts",
        unit="1",
        reference=1.0,
        note="",
        doc=f"Share of the steps of an episode with the {thing.name} within 5 cm of its start.",
        params='{"near": 0.05, "width": 0.1, "horizon": HORIZON}',
        body=(
            f"away = trajectory.{thing.name}_position - jnp.array({start})",
            *_SHARE_WITHIN.format(distance="jnp.sqrt(jnp.sum(jnp.square(away), axis=-1))").splitlines(),
        ),
    )


def _push(anatomy: Anatomy, thing: Thing, forward: tuple[float, ...]) -> Example:
    start = anatomy.positions().xpos[thing.body]
    place = [round(float(value + PUSHED * along), 4) for value, along in zip(start, forward, strict=True)]
    return Example(
        name="push",
        text=f"Push the {thing.name} {PUSHED * 100:g} cm forward over the ground, and leave it there.",
        meaning=f"1 if the {thing.name} rests within 5 cm of the place {PUSHED * 100:g} cm ahead for 0.5 s, else 0",
        unit="1",
        reference=0.8,
        note=": the share of episodes",
        doc=f"Whether the {thing.name} comes to lie within 5 cm of the place {PUSHED * 100:g} cm ahead, for 0.5 s.",
        params='{"near": 0.05, "width": 0.2, "horizon": HORIZON}',
        body=(
            f"away = trajectory.{thing.name}_position - jnp.array({place})",
            *_HELD_WITHIN.format(distance="jnp.sqrt(jnp.sum(jnp.square(away), axis=-1))").splitlines(),
        ),
    )


def _lift(anatomy: Anatomy, thing: Thing) -> Example:
    start = float(anatomy.positions().xpos[thing.body][2])
    return Example(
        name="lift",
        text=f"Lift the {thing.name} and hold it up.",
        meaning=f"share of an episode in which the {thing.name} is at least 5 cm above where it starts",
        unit="1",
        reference=0.5,
        note=": getting there takes some of the episode",
        doc=f"Share of the steps of an episode with the {thing.name} at least 5 cm above its initial height.",
        params=f'{{"start": {start:.4g}, "high": 0.05, "width": 0.2, "horizon": HORIZON}}',
        body=(
            f'rise = trajectory.{thing.name}_position[..., 2] - params["start"]',
            'up = jnp.where(rise > params["high"], trajectory.valid, 0.0)',
            'way = jnp.where(trajectory.valid > 0, jnp.clip(rise / params["width"], 0.0, 1.0), 0.0)',
            "return {",
            '    "success": jnp.sum(up, axis=0) / params["horizon"],',
            '    "progress": jnp.sum(way, axis=0) / params["horizon"],',
            "}",
        ),
    )


def _open(anatomy: Anatomy, joint: Joint) -> Example:
    low, high = joint.limits or (0.0, 1.0)
    home = anatomy.home[joint.qpos]
    shut, wide = (low, high) if abs(home - low) <= abs(high - home) else (high, low)
    field = f"{joint.name}_{'angle' if joint.kind == 'hinge' else 'travel'}"
    return Example(
        name="open",
        text=f"Open {joint.name} as wide as it goes, and leave it open.",
        meaning=f"how far {joint.name} is open, as a share of its range, mean over an episode",
        unit="1",
        reference=0.5,
        note=": getting there takes some of the episode",
        doc=f"How far {joint.name} is open, from 0 to 1: mean over the horizon.",
        params=f'{{"shut": {shut:.6g}, "wide": {wide:.6g}, "horizon": HORIZON}}',
        body=(
            f'share = (trajectory.{field} - params["shut"]) / (params["wide"] - params["shut"])',
            "opened = jnp.where(trajectory.valid > 0, jnp.clip(share, 0.0, 1.0), 0.0)",
            'mean = jnp.sum(opened, axis=0) / params["horizon"]',
            'return {"success": mean, "progress": mean}',
        ),
    )


def _raise(anatomy: Anatomy, reach: Reach) -> Example:
    """Up where the end can go up at all, else along the axis on which it can go farthest."""
    end = anatomy.ends[0].name
    axis = 2 if reach.spread[2] > 0.1 * max(reach.spread) else max(range(3), key=lambda index: reach.spread[index])
    low, high = reach.low[axis], max(reach.high[axis], reach.low[axis] + 1e-3)
    text = f"Raise the {end} as high as possible and keep it there."
    above = f"above {low:.4g} m" if axis == 2 else f"beyond {AXES[axis]} = {low:.4g} m"
    return Example(
        name="raise" if axis == 2 else "extend",
        text=text if axis == 2 else f"Move the {end} as far along {AXES[axis]} as possible and keep it there.",
        meaning=f"how far the {end} is {above}, mean over the horizon",
        unit="m",
        reference=round(high - low, 3),
        note=": farther are 5 % of random poses",
        doc=f"How far the {end} is {above}: mean over the horizon, where steps after an early end count 0.",
        params=f'{{"axis_low": {low:.4g}, "reach": {high - low:.4g}}}',
        body=(
            f'way = trajectory.{end}_position[..., {axis}] - params["axis_low"]',
            "mean = jnp.mean(jnp.where(trajectory.valid > 0, way, 0.0), axis=0)",
            'return {"success": mean, "progress": jnp.clip(mean / params["reach"], 0.0, 1.0)}',
        ),
    )


def _face() -> Example:
    return Example(
        name="face",
        text="Turn to the commanded heading and keep it, upright and on the spot.",
        meaning="share of an episode in which the robot faces the commanded heading within 0.2 rad",
        unit="1",
        reference=0.8,
        note=": turning takes some of the episode",
        doc="Share of the steps of an episode with the heading within 0.2 rad of the commanded one.",
        params='{"near": 0.2, "width": 0.7, "horizon": HORIZON}',
        body=_SHARE_WITHIN.format(distance="jnp.abs(trajectory.heading_error)").splitlines(),
    )


def _turn(name: str) -> Example:
    return Example(
        name="turn",
        text=f"Turn the {name} to the commanded orientation and hold it there.",
        meaning=f"1 if the {name} is within 0.2 rad of the commanded orientation for 0.5 s, else 0",
        unit="1",
        reference=0.5,
        note=": the share of episodes",
        doc=f"Whether the {name} is held within 0.2 rad of the commanded orientation for 0.5 s.",
        params='{"near": 0.2, "width": 0.7, "horizon": HORIZON}',
        body=_HELD_WITHIN.format(distance=f"trajectory.{name}_turn_error").splitlines(),
    )


_SHARE_WITHIN = """distance = {distance}
there = jnp.where(distance < params["near"], trajectory.valid, 0.0)
close = jnp.where(trajectory.valid > 0, jnp.exp(-distance / params["width"]), 0.0)
share, progress = jnp.sum(there, axis=0) / params["horizon"], jnp.sum(close, axis=0) / params["horizon"]
return {{"success": share, "progress": progress}}"""


# A run of steps that are all there is HOLD long where as many of them are counted between its ends.
_HELD_WITHIN = """distance = {distance}
there = jnp.where(distance < params["near"], trajectory.valid, 0.0)
close = jnp.where(trajectory.valid > 0, jnp.exp(-distance / params["width"]), 0.0)
counted = jnp.cumsum(there, axis=0)
held = jnp.max(counted[HOLD:] - counted[:-HOLD], axis=0) >= HOLD - 0.5
return {{
    "success": jnp.where(held, 1.0, 0.0),
    "progress": jnp.sum(close, axis=0) / params["horizon"],
}}"""


def _reach(anatomy: Anatomy, end: str) -> Example:
    thing = any(one.name == end for one in anatomy.things)
    return Example(
        name="place" if thing else "reach",
        text=f"Bring the {end} to the target and hold it there.",
        meaning=f"1 if the {end} is within 5 cm of the target for 0.5 s, else 0",
        unit="1",
        reference=0.8,
        note=": the share of episodes",
        doc=f"Whether the {end} is held within 5 cm of the target for 0.5 s.",
        params='{"near": 0.05, "width": 0.2, "horizon": HORIZON}',
        body=_HELD_WITHIN.format(
            distance="jnp.sqrt(jnp.sum(jnp.square(trajectory.target_offset), axis=-1))"
        ).splitlines(),
    )


def _follow(anatomy: Anatomy) -> Example:
    return Example(
        name="follow",
        text="Move as commanded: keep the velocity error small, forward, to the left and in turning.",
        meaning="mean size of the velocity error in an episode, negative so that higher is better; 1 m/s after a fall",
        unit="m/s",
        reference=-0.2,
        note="",
        doc="Minus the mean size of the velocity error [m/s], turn rates [rad/s] alike; after a fall it counts 1 m/s.",
        params='{"lost": 1.0, "width": 0.25, "horizon": HORIZON}',
        body=(
            'error = jnp.where(trajectory.valid > 0, trajectory.velocity_error, params["lost"])',
            'kept = jnp.where(trajectory.valid > 0, jnp.exp(-jnp.square(error / params["width"])), 0.0)',
            "return {",
            '    "success": -jnp.sum(error, axis=0) / params["horizon"],',
            '    "progress": jnp.sum(kept, axis=0) / params["horizon"],',
            "}",
        ),
    )
