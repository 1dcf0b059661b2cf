"""The fields of a new pack: each declared in words, and written as an expression over MuJoCo's arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from autoreward.pack_tools.scaffold.anatomy import Anatomy, Joint, Sensor
from autoreward.pack_tools.scaffold.limbs import End
from autoreward.pack_tools.scaffold.names import unique

_WHAT = {
    "site_xpos": "site",
    "geom_xpos": "middle of the geom",
    "xipos": "centre of mass of the body",
    "xpos": "origin of the body",
}
FEW = 8  # jointed objects, up to which each has fields of its own
AXES = ("x", "y", "z")
RESERVED = {"time", "terminated", "observation", "last_action", "action", "valid"}
OLD = "one simulation step old"  # MuJoCo computes derived arrays before it advances qpos and qvel
# Unit and frame of what a sensor reads, by its MJCF element. The rest is declared as "mixed".
_SENSOR_UNITS = {
    "touch": ("N", "none"),
    "accelerometer": ("m/s^2", "body"),
    "velocimeter": ("m/s", "body"),
    "gyro": ("rad/s", "body"),
    "force": ("N", "body"),
    "torque": ("N m", "body"),
    "rangefinder": ("m", "none"),
    "tendonpos": ("m", "none"),
    "tendonvel": ("m/s", "none"),
    "actuatorfrc": ("N", "none"),
    "tendonactfrc": ("N", "none"),
    "framepos": ("m", "world"),
    "framelinvel": ("m/s", "world"),
    "frameangvel": ("rad/s", "world"),
    "framelinacc": ("m/s^2", "world"),
    "framexaxis": ("1", "world"),
    "frameyaxis": ("1", "world"),
    "framezaxis": ("1", "world"),
    "framequat": ("1", "world"),
    "ballquat": ("1", "joint"),
    "ballangvel": ("rad/s", "joint"),
    "subtreecom": ("m", "world"),
    "subtreelinvel": ("m/s", "world"),
}


@dataclass(frozen=True)
class Draft:
    """One field of the pack to be written."""

    name: str
    expression: str  # over `xp`, `data` and `memory`
    meaning: str
    shape: tuple[int, ...] = ()
    unit: str = "1"
    frame: str = "none"
    components: tuple[str, ...] = ()
    observable: bool = True
    reads: frozenset[str] = field(default_factory=frozenset)  # the MuJoCo arrays in the expression
    constant: bool = False  # the same in every state


@dataclass(frozen=True)
class Tracked:
    """A point whose mean velocity over a control step is kept in the memory."""

    name: str
    position: str  # an expression
    reads: frozenset[str]


def draft_fields(anatomy: Anatomy) -> tuple[Draft, ...]:
    """The fields of a robot: base, joints, ends, objects, tendons, sensors, actuators; every name once."""
    drafts = [
        *_base(anatomy),
        *_joints(anatomy.limb_joints),
        *_ends(anatomy),
        *_things(anatomy),
        *_tendons(anatomy),
        *_sensors([one for one in anatomy.sensors if not one.added]),
        *_actuators(anatomy),
        *_mocaps(anatomy),
    ]
    return with_new_names(drafts)


def with_new_names(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """The drafts, each under a name of its own: the first keeps it, later ones get a number."""
    taken = set(RESERVED)
    return tuple(replace(draft, name=unique(draft.name, taken)) for draft in drafts)


def choose_tracked_points(anatomy: Anatomy) -> tuple[Tracked, ...]:
    """The points whose velocity matters: a moving base, else the ends of the limbs."""
    if anatomy.base != "fixed":
        expression, reads = base_position(anatomy)
        return (Tracked(anatomy.main_name, expression, reads),)
    return tuple(Tracked(end.name, *end_position(end)) for end in anatomy.ends)


def base_position(anatomy: Anatomy) -> tuple[str, frozenset[str]]:
    """The base's position as an expression, and the array it reads."""
    if anatomy.base == "free":
        (free,) = [joint for joint in anatomy.base_joints if joint.kind == "free"]
        return slice_of("qpos", range(free.qpos, free.qpos + 3)), frozenset({"qpos"})
    return "data.xpos[..., BASE, :]", frozenset({"xpos"})


def base_rotation(anatomy: Anatomy) -> tuple[str, frozenset[str]]:
    """The base's orientation as a quaternion, and the array it reads."""
    if anatomy.base == "free":
        (free,) = [joint for joint in anatomy.base_joints if joint.kind == "free"]
        return slice_of("qpos", range(free.qpos + 3, free.qpos + 7)), frozenset({"qpos"})
    return "data.xquat[..., BASE, :]", frozenset({"xquat"})


def end_position(end: End) -> tuple[str, frozenset[str]]:
    """An end's position as an expression, and the array it reads."""
    return f"data.{end.array}[..., {end.index}, :]", frozenset({end.array})


def slice_of(array: str, entries: range) -> str:
    """Some entries of an array: `data.qpos[..., 3:7]`."""
    return f"data.{array}[..., {entries.start}:{entries.stop}]"


def joined(array: str, entries: Iterable[int]) -> str:
    """Entries of an array in their order, as one slice where they lie together, else as several put together."""
    numbered = enumerate(entries)
    runs = [[entry for _, entry in run] for _, run in groupby(numbered, lambda pair: pair[1] - pair[0])]
    slices = [slice_of(array, range(run[0], run[-1] + 1)) for run in runs]
    return slices[0] if len(slices) == 1 else f"xp.concatenate([{', '.join(slices)}], axis=-1)"


def _world(name: str, expression: str, unit: str, meaning: str, reads: frozenset[str]) -> Draft:
    """A vector in the world frame."""
    return Draft(name, expression, meaning, (3,), unit, "world", AXES, reads=reads)


def _base(anatomy: Anatomy) -> Iterator[Draft]:
    if anatomy.base == "fixed":
        return
    name, place, turn = anatomy.main_name, base_position(anatomy), base_rotation(anatomy)
    age = "" if anatomy.base == "free" else f", {OLD}"
    yield _world(
        f"{name}_position", place[0], "m",
        f"position of the {name}, the robot's base{age}; the policy does not see where it is over the ground", place[1],
    )  # fmt: skip
    yield _world(
        f"{name}_mean_velocity", f'memory["{name}_mean_velocity"]', "m/s",
        f"displacement of the {name} over the last control step, divided by its duration; 0 after reset", place[1],
    )  # fmt: skip
    yield _world(
        f"{name}_up", f"rotated(xp, {turn[0]}, UP)", "1",
        f"unit vector out of the top of the {name}{age}; up when it stands as in its initial pose", turn[1],
    )  # fmt: skip
    yield _world(
        f"{name}_front", f"rotated(xp, {turn[0]}, FRONT)", "1",
        f"unit vector out of the front of the {name}{age}; forward in its initial pose", turn[1],
    )  # fmt: skip
    yield Draft(
        f"{name}_tilt", f"tilt(xp, {turn[0]})",
        f"angle of the {name} from standing upright{age}, 0 to pi", (), "rad", "world", reads=turn[1],
    )  # fmt: skip
    yield from _free_rates(anatomy) if anatomy.base == "free" else _planar_angles(anatomy)


def _free_rates(anatomy: Anatomy) -> Iterator[Draft]:
    (free,) = [joint for joint in anatomy.base_joints if joint.kind == "free"]
    name, reads = anatomy.main_name, frozenset({"qvel"})
    linear, angular = range(free.dof, free.dof + 3), range(free.dof + 3, free.dof + 6)
    yield _world(f"{name}_velocity", slice_of("qvel", linear), "m/s", f"velocity of the {name} at this moment", reads)
    yield Draft(
        f"{name}_angular_velocity", slice_of("qvel", angular),
        f"angular velocity of the {name} in its own frame", (3,), "rad/s", "body", reads=reads,
    )  # fmt: skip


def _planar_angles(anatomy: Anatomy) -> Iterator[Draft]:
    for joint in anatomy.base_joints:
        if joint.kind == "hinge":
            about = f"of the {anatomy.main_name} about the hinge {joint.name} of its base"
            yield Draft(
                f"{joint.name}_angle", f"data.qpos[..., {joint.qpos}]", f"angle {about}", (), "rad", "world",
                reads=frozenset({"qpos"}),
            )  # fmt: skip
            yield Draft(
                f"{joint.name}_rate", f"data.qvel[..., {joint.dof}]", f"angular velocity {about}", (), "rad/s", "world",
                reads=frozenset({"qvel"}),
            )  # fmt: skip


def _joints(joints: Sequence[Joint]) -> Iterator[Draft]:
    for kind, name, unit, what in (("hinge", "joint", "rad", "angle"), ("slide", "slide", "m", "displacement")):
        group = [joint for joint in joints if joint.kind == kind]
        if group:
            names = tuple(joint.name for joint in group)
            yield Draft(
                f"{name}_position", joined("qpos", (joint.qpos for joint in group)),
                f"{what} of each {name} joint" if kind == "slide" else f"{what} of each joint",
                (len(group),), unit, "joint", names, reads=frozenset({"qpos"}),
            )  # fmt: skip
            yield Draft(
                f"{name}_velocity", joined("qvel", (joint.dof for joint in group)),
                f"rate of change of {name}_position",
                (len(group),), f"{unit}/s", "joint", names, reads=frozenset({"qvel"}),
            )  # fmt: skip
    for joint in (one for one in joints if one.kind == "ball"):
        yield Draft(
            f"{joint.name}_rotation", slice_of("qpos", joint.positions),
            f"rotation of the ball joint {joint.name} as a quaternion (w, x, y, z)",
            (4,), "1", "joint", ("w", "x", "y", "z"), reads=frozenset({"qpos"}),
        )  # fmt: skip
        yield Draft(
            f"{joint.name}_angular_velocity", slice_of("qvel", joint.velocities),
            f"angular velocity of the ball joint {joint.name}", (3,), "rad/s", "joint", reads=frozenset({"qvel"}),
        )  # fmt: skip


def _ends(anatomy: Anatomy) -> Iterator[Draft]:
    fixed = anatomy.base == "fixed"
    for end in anatomy.ends:
        expression, reads = end_position(end)
        what = _WHAT[end.array]
        meaning = f"end of a limb: the {what} {end.name}, {OLD}"
        drafted = _world(f"{end.name}_position", expression, "m", meaning, reads)
        yield replace(drafted, observable=fixed)  # from a moving base nothing tells where it is over the ground
        if fixed:
            yield _world(
                f"{end.name}_mean_velocity", f'memory["{end.name}_mean_velocity"]', "m/s",
                f"displacement of {end.name} over the last control step, divided by its duration; 0 after reset", reads,
            )  # fmt: skip


def _things(anatomy: Anatomy) -> Iterator[Draft]:
    for thing in anatomy.things:
        if (free := thing.free) is not None:
            yield from _loose(thing.name, free)
        elif len(thing.joints) > 1:  # it moves in a plane, or farther
            expression, reads = f"data.xpos[..., {thing.body}, :]", frozenset({"xpos"})
            yield _world(
                f"{thing.name}_position", expression, "m", f"position of {thing.name}, an object, {OLD}", reads
            )
    hung = [joint for thing in anatomy.things for joint in thing.joints if joint.kind in ("hinge", "slide")]
    if len(hung) <= FEW:
        for joint in hung:
            yield from _hung(joint)
    else:
        yield from (replace(one, name=f"object_{one.name}") for one in _joints(hung))


def _loose(name: str, free: Joint) -> Iterator[Draft]:
    """A body on a free joint: place, orientation, and both velocities, all in the world frame."""
    reads, moving = frozenset({"qpos"}), frozenset({"qvel"})
    place, speed = range(free.qpos, free.qpos + 3), range(free.dof, free.dof + 3)
    turned, turning = slice_of("qpos", range(free.qpos + 3, free.qpos + 7)), range(free.dof + 3, free.dof + 6)
    yield _world(f"{name}_position", slice_of("qpos", place), "m", f"position of {name}, a loose object", reads)
    yield _world(f"{name}_velocity", slice_of("qvel", speed), "m/s", f"velocity of {name}, a loose object", moving)
    yield Draft(
        f"{name}_rotation", turned, f"orientation of {name} as a quaternion (w, x, y, z)",
        (4,), "1", "world", ("w", "x", "y", "z"), reads=reads,
    )  # fmt: skip
    for axis, unit in zip(AXES, ("(1.0, 0.0, 0.0)", "(0.0, 1.0, 0.0)", "(0.0, 0.0, 1.0)"), strict=True):
        meaning = f"the {axis} axis of {name}: a column of its rotation matrix"
        yield _world(f"{name}_{axis}_axis", f"rotated(xp, {turned}, {unit})", "1", meaning, reads)
    yield _world(
        f"{name}_angular_velocity", f"rotated(xp, {turned}, {slice_of('qvel', turning)})", "rad/s",
        f"angular velocity of {name}", reads | moving,
    )  # fmt: skip


def _hung(joint: Joint) -> Iterator[Draft]:
    """A door's angle, a drawer's travel."""
    what, unit = ("angle", "rad") if joint.kind == "hinge" else ("travel", "m")
    limits = "" if joint.limits is None else f", {joint.limits[0]:.3g} to {joint.limits[1]:.3g}"
    yield Draft(
        f"{joint.name}_{what}", f"data.qpos[..., {joint.qpos}]",
        f"{what} of {joint.name}, on which an object hangs{limits}; no actuator moves it", (), unit, "joint",
        reads=frozenset({"qpos"}),
    )  # fmt: skip
    yield Draft(
        f"{joint.name}_rate", f"data.qvel[..., {joint.dof}]", f"rate of change of {joint.name}_{what}", (), f"{unit}/s",
        "joint", reads=frozenset({"qvel"}),
    )  # fmt: skip


def _mocaps(anatomy: Anatomy) -> Iterator[Draft]:
    for mocap in anatomy.mocaps:
        yield _world(
            f"{mocap.name}_leader_position", f'memory["{mocap.name}_leader"]', "m",
            f"where the {mocap.name} is led to, on which the last actions of the policy add up", frozenset(),
        )  # fmt: skip


def _tendons(anatomy: Anatomy) -> Iterator[Draft]:
    count = len(anatomy.tendons)
    if count:
        shape, names = (count,), anatomy.tendons
        yield Draft(
            "tendon_length", "data.ten_length", f"length of each tendon, {OLD}; of a fixed tendon in its own unit",
            shape, "m", "none", names, reads=frozenset({"ten_length"}),
        )  # fmt: skip
        yield Draft(
            "tendon_velocity", "data.ten_velocity", f"rate of change of tendon_length, {OLD}",
            shape, "m/s", "none", names, reads=frozenset({"ten_velocity"}),
        )  # fmt: skip


def _sensors(sensors: Sequence[Sensor]) -> Iterator[Draft]:
    """Scalar sensors of one kind together, the others each on its own."""
    for kind in dict.fromkeys(sensor.kind for sensor in sensors):
        same = [sensor for sensor in sensors if sensor.kind == kind]
        scalars = [sensor for sensor in same if sensor.size == 1]
        if len(scalars) > 1:
            yield _sensor(kind, kind, scalars, f"what each {kind} sensor reads, {OLD}")
        for sensor in same:
            if len(scalars) < 2 or sensor.size > 1:
                name = sensor.name if kind in sensor.name else f"{sensor.name}_{kind}"
                yield _sensor(name, kind, [sensor], f"what the {kind} sensor {sensor.name} reads, {OLD}")


def _sensor(name: str, kind: str, sensors: Sequence[Sensor], meaning: str) -> Draft:
    unit, frame = _SENSOR_UNITS.get(kind, ("mixed", "none"))
    reads = frozenset({"sensordata"})
    entries = [entry for one in sensors for entry in range(one.address, one.address + one.size)]
    if len(entries) == 1:
        return Draft(name, f"data.sensordata[..., {entries[0]}]", meaning, (), unit, frame, reads=reads)
    components = tuple(one.name for one in sensors) if len(sensors) > 1 else AXES if len(entries) == 3 else ()
    return Draft(name, joined("sensordata", entries), meaning, (len(entries),), unit, frame, components, reads=reads)


def _actuators(anatomy: Anatomy) -> Iterator[Draft]:
    names = tuple(actuator.name for actuator in anatomy.actuators)
    states = [actuator.name for actuator in anatomy.actuators for _ in range(actuator.states)]
    if states:
        yield Draft(
            "activation", "data.act", "activation of each actuator that has one",
            (len(states),), "1", "none", tuple(states), reads=frozenset({"act"}),
        )  # fmt: skip
    if not names:
        return
    units = {actuator.unit for actuator in anatomy.actuators}
    yield Draft(
        "actuator_force", "data.actuator_force", f"force or torque of each actuator, {OLD}",
        (len(names),), units.pop() if len(units) == 1 else "mixed", "none", names, observable=False,
        reads=frozenset({"actuator_force"}),
    )  # fmt: skip
