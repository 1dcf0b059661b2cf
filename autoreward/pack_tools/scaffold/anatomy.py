"""What a MuJoCo model consists of, by name: its base, joints, ends, sensors and actuators.

Everything is read from the compiled model, so includes, defaults and classes of the MJCF file are resolved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import mujoco

from autoreward.pack_tools.scaffold.actuators import AROUND_HOME, Actuator, find_moved_dofs, read_actuators
from autoreward.pack_tools.scaffold.limbs import End, find_ends, named_ends
from autoreward.pack_tools.scaffold.names import body_name, part_name, unique

JointKind = Literal["free", "ball", "slide", "hinge"]
Base = Literal["free", "planar", "fixed"]
Vector = tuple[float, float, float]

# Words that fields begin with: no body may take one of them as its name.
STEMS = frozenset(("target", "command", "heading", "joint", "slide", "tendon", "actuator", "action", "velocity"))
LOCKED = 1e5  # [N s/m] or [N m s/rad] of damping, from which a joint is a way of writing "fixed here"
LINK_CONTACT, SELF_CONTACT = "link_contact_", "self_contact"  # what added contact sensors are called
_JOINT_KINDS: tuple[JointKind, ...] = ("free", "ball", "slide", "hinge")  # in MuJoCo's order
_POSITIONS = {"free": 7, "ball": 4, "slide": 1, "hinge": 1}
_VELOCITIES = {"free": 6, "ball": 3, "slide": 1, "hinge": 1}


@dataclass(frozen=True)
class Joint:
    """One joint; `qpos` and `dof` are its first entries in qpos and qvel."""

    name: str
    kind: JointKind
    body: int
    qpos: int
    dof: int
    axis: Vector  # in the frame of its body
    limits: tuple[float, float] | None  # [rad] or [m]

    @property
    def positions(self) -> range:
        """Its entries of qpos."""
        return range(self.qpos, self.qpos + _POSITIONS[self.kind])

    @property
    def velocities(self) -> range:
        """Its entries of qvel."""
        return range(self.dof, self.dof + _VELOCITIES[self.kind])


@dataclass(frozen=True)
class Thing:
    """An object: a loose body, or one that hangs on joints which no actuator moves (a door, a drawer, a button)."""

    name: str
    body: int
    joints: tuple[Joint, ...]

    @property
    def free(self) -> Joint | None:
        """The free joint of a loose body."""
        return next((joint for joint in self.joints if joint.kind == "free"), None)


@dataclass(frozen=True)
class Mocap:
    """A body without physics that leads the robot, which is welded to it."""

    name: str  # of the body that follows
    index: int  # in mocap_pos
    place: Vector  # [m], where the model has it


@dataclass(frozen=True)
class Sensor:
    """One sensor; `kind` is its MJCF element: "touch", "gyro"."""

    name: str
    kind: str
    address: int
    size: int

    @property
    def added(self) -> bool:
        """Whether `--contacts` has added it: it is no part of what the policy sees."""
        return self.kind == "contact" and (self.name.startswith(LINK_CONTACT) or self.name == SELF_CONTACT)


@dataclass(frozen=True)
class Anatomy:
    """A robot, as far as its model tells."""

    model: Any  # mujoco.MjModel
    home: tuple[float, ...]  # qpos
    home_name: str | None  # the keyframe it comes from; None: the model's rest pose
    up: Vector  # against gravity
    base: Base
    main: int  # the body that carries the robot
    main_name: str
    joints: tuple[Joint, ...]
    ends: tuple[End, ...]
    things: tuple[Thing, ...]
    mocaps: tuple[Mocap, ...]
    tendons: tuple[str, ...]
    sensors: tuple[Sensor, ...]
    actuators: tuple[Actuator, ...]

    @property
    def base_joints(self) -> tuple[Joint, ...]:
        """The joints by which the base moves freely; none where it is fixed."""
        return tuple(joint for joint in self.joints if self.base != "fixed" and joint.body == self.main)

    @property
    def limb_joints(self) -> tuple[Joint, ...]:
        """The joints of the robot that can move, but for those of a moving base."""
        other = {*self.base_joints, *(joint for thing in self.things for joint in thing.joints)}
        return tuple(joint for joint in self.joints if joint not in other and not self.is_locked(joint))

    def positions(self) -> Any:
        """mujoco.MjData in the home pose, kinematics and centres of mass computed."""
        data = mujoco.MjData(self.model)
        data.qpos[:] = self.home
        mujoco.mj_kinematics(self.model, data)
        mujoco.mj_comPos(self.model, data)
        return data

    def is_locked(self, joint: Joint) -> bool:
        """Whether a joint is damped so much that it only says where something is."""
        return float(self.model.dof_damping[joint.dof]) >= LOCKED


def read_anatomy(
    model: Any,
    home: Sequence[float],
    home_name: str | None,
    ends: Sequence[str] = (),
    ctrl: Sequence[float] | None = None,
) -> Anatomy:
    """The parts of a compiled model, seen in the pose `home` (qpos).

    Args:
        ends: names of sites, bodies or geoms to take as ends; found by default.
        ctrl: the controls that belong to `home`, where the model states any.

    Raises:
        UnknownNameError: one of `ends` is not there.
    """
    joints = _joints(model)
    mocaps = tuple(_mocaps(model))
    moved = find_moved_dofs(model, home)
    led = _led_dofs_each(model)
    driven = frozenset[int]().union(*moved, *led)
    roots = _robot_roots(model, joints, driven)
    root = _main_root(model, joints, driven, roots)
    base, main = _base(model, joints, driven, root)
    main_name = unique(body_name(model, main), {*STEMS})
    taken = {*STEMS, main_name} if base != "fixed" else {*STEMS}
    found = named_ends(model, ends) if ends else find_ends(model, home, roots, [*moved, *led])
    return Anatomy(
        model=model,
        home=tuple(float(value) for value in home),
        home_name=home_name,
        up=_up(model),
        base=base,
        main=main,
        main_name=main_name,
        joints=joints,
        ends=tuple(End(unique(end.name, taken), end.array, end.index, end.body) for end in found),
        things=tuple(_things(model, joints, roots, taken)),
        mocaps=mocaps,
        tendons=_unique_names(model, "tendon", model.ntendon),
        sensors=_sensors(model),
        actuators=read_actuators(model, home, around=_around(base, home_name), ctrl=ctrl),
    )


def _around(base: Base, home_name: str | None) -> float | None:
    """How far from its home pose a robot is commanded: little where it has to stand, more where it has a keyframe."""
    if base == "free":
        return AROUND_HOME
    return None if home_name is None else 2.0 * AROUND_HOME


def _joints(model: Any) -> tuple[Joint, ...]:
    joints: list[Joint] = []
    taken: set[str] = set()
    for index in range(model.njnt):
        limited = bool(model.jnt_limited[index])
        x, y, z = (float(value) for value in model.jnt_axis[index])
        kind = _JOINT_KINDS[int(model.jnt_type[index])]
        body = int(model.jnt_bodyid[index])
        otherwise = f"{body_name(model, body)}_{kind}_{index}"
        joints.append(
            Joint(
                name=unique(part_name(model, "joint", index, otherwise), taken),
                kind=kind,
                body=body,
                qpos=int(model.jnt_qposadr[index]),
                dof=int(model.jnt_dofadr[index]),
                axis=(x, y, z),
                limits=(float(model.jnt_range[index, 0]), float(model.jnt_range[index, 1])) if limited else None,
            )
        )
    return tuple(joints)


def _unique_names(model: Any, kind: Literal["tendon"], count: int) -> tuple[str, ...]:
    taken: set[str] = set()
    return tuple(unique(part_name(model, kind, index, f"{kind}_{index}"), taken) for index in range(count))


def _mocaps(model: Any) -> Iterator[Mocap]:
    """The mocap bodies to which something is welded."""
    for leader, follower in _welds(model):
        x, y, z = (float(value) for value in model.body_pos[leader])
        yield Mocap(body_name(model, follower), int(model.body_mocapid[leader]), (x, y, z))


def _welds(model: Any) -> Iterator[tuple[int, int]]:
    """Pairs (mocap body, body that follows it)."""
    for index in range(model.neq):
        weld = int(model.eq_type[index]) == mujoco.mjtEq.mjEQ_WELD
        if weld and int(model.eq_objtype[index]) == mujoco.mjtObj.mjOBJ_BODY:
            pair = int(model.eq_obj1id[index]), int(model.eq_obj2id[index])
            for leader, follower in (pair, pair[::-1]):
                if model.body_mocapid[leader] >= 0 and _dofs_to_world(model, follower):
                    yield leader, follower


def has_leaders(model: Any) -> bool:
    """Whether a mocap body leads the robot, so that it needs no actuator."""
    return any(True for _ in _welds(model))


def _dofs_to_world(model: Any, body: int) -> frozenset[int]:
    """The degrees of freedom between a body and the world, but for locked ones."""
    dofs: set[int] = set()
    while body > 0:
        start = int(model.body_dofadr[body])
        dofs.update(range(start, start + int(model.body_dofnum[body])))
        body = int(model.body_parentid[body])
    return frozenset(dof for dof in dofs if float(model.dof_damping[dof]) < LOCKED)


def _led_dofs_each(model: Any) -> list[frozenset[int]]:
    """For each mocap body that leads, what moves with it."""
    return [_dofs_to_world(model, follower) for _, follower in _welds(model)]


def _robot_roots(model: Any, joints: Sequence[Joint], driven: frozenset[int]) -> frozenset[int]:
    """The root bodies of all trees in which something is driven; of all trees where nothing is."""
    roots = {int(model.body_rootid[joint.body]) for joint in joints if driven & set(joint.velocities)}
    return frozenset(roots or {int(model.body_rootid[joint.body]) for joint in joints})


def _things(model: Any, joints: Sequence[Joint], roots: frozenset[int], taken: set[str]) -> Iterator[Thing]:
    """What moves and is not the robot, a body at a time."""
    others = [joint for joint in joints if int(model.body_rootid[joint.body]) not in roots]
    for body in dict.fromkeys(joint.body for joint in others):
        yield Thing(unique(body_name(model, body), taken), body, tuple(one for one in others if one.body == body))


def _main_root(model: Any, joints: Sequence[Joint], driven: frozenset[int], roots: frozenset[int]) -> int:
    """The root body of the tree that the actuators move most; the largest where several are equal."""
    weight: dict[int, tuple[int, int]] = {}
    for joint in joints:
        root = int(model.body_rootid[joint.body])
        if root not in roots:
            continue
        moved, size = weight.get(root, (0, 0))
        weight[root] = (moved + len(driven & set(joint.velocities)), size + len(joint.velocities))
    return max(weight, key=lambda root: (*weight[root], -root))


def _base(model: Any, joints: Sequence[Joint], driven: frozenset[int], root: int) -> tuple[Base, int]:
    """How the robot's root is held: by a free joint, by slides that nothing drives, or fast."""
    of_root = [joint for joint in joints if joint.body == root]
    if any(joint.kind == "free" for joint in of_root):
        return "free", root
    loose = [joint for joint in of_root if float(model.dof_damping[joint.dof]) < LOCKED]
    if any(joint.kind == "slide" and not driven & set(joint.velocities) for joint in loose):
        return "planar", root
    return "fixed", root


def _sensors(model: Any) -> tuple[Sensor, ...]:
    sensors: list[Sensor] = []
    taken: set[str] = set()
    for index in range(model.nsensor):
        kind = mujoco.mjtSensor(int(model.sensor_type[index])).name.removeprefix("mjSENS_").lower()
        sensors.append(
            Sensor(
                name=unique(part_name(model, "sensor", index, f"{kind}_{index}"), taken),
                kind=kind,
                address=int(model.sensor_adr[index]),
                size=int(model.sensor_dim[index]),
            )
        )
    return tuple(sensors)


def _up(model: Any) -> Vector:
    """The direction against gravity, +z where there is none."""
    x, y, z = (float(value) for value in model.opt.gravity)
    size = (x * x + y * y + z * z) ** 0.5
    return (-x / size + 0.0, -y / size + 0.0, -z / size + 0.0) if size > 0 else (0.0, 0.0, 1.0)
