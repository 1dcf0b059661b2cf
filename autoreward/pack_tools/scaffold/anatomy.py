"""What a MuJoCo model consists of, by name: its base, joints, ends, sensors and actuators.

Everything is read from the compiled model, so includes, defaults and classes of the MJCF file are resolved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import mujoco

from autoreward.pack_tools.scaffold.actuators import Actuator, find_driven_dofs, read_actuators
from autoreward.pack_tools.scaffold.names import body_name, plain_name

JointKind = Literal["free", "ball", "slide", "hinge"]
Base = Literal["free", "planar", "fixed"]
Vector = tuple[float, float, float]

MAX_ENDS = 8  # fields for the ends of more limbs would drown the rest
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
class End:
    """The far end of a limb: a site on its last body, else that body's centre of mass."""

    name: str
    array: Literal["site_xpos", "xipos"]
    index: int


@dataclass(frozen=True)
class Sensor:
    """One sensor; `kind` is its MJCF element: "touch", "gyro"."""

    name: str
    kind: str
    address: int
    size: int


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
    objects: tuple[Joint, ...]  # free joints of bodies that are not the robot
    tendons: tuple[str, ...]
    sensors: tuple[Sensor, ...]
    actuators: tuple[Actuator, ...]

    @property
    def base_joints(self) -> tuple[Joint, ...]:
        """The joints by which the base moves freely; none where it is fixed."""
        return tuple(joint for joint in self.joints if self.base != "fixed" and joint.body == self.main)

    @property
    def limb_joints(self) -> tuple[Joint, ...]:
        """All joints that belong neither to a moving base nor to an object."""
        other = {*self.base_joints, *self.objects}
        return tuple(joint for joint in self.joints if joint not in other)


def read_anatomy(model: Any, home: Sequence[float], home_name: str | None) -> Anatomy:
    """The parts of a compiled model, seen in the pose `home` (qpos)."""
    joints = _joints(model)
    driven = find_driven_dofs(model, home)
    root = _robot(model, joints, driven)
    base, main = _base(model, joints, driven, root)
    actuators = read_actuators(model, home, around_home=base == "free")
    moving = {int(model.body_rootid[joint.body]) for joint in joints}
    objects = [joint for joint in joints if joint.kind == "free" and int(model.body_rootid[joint.body]) != root]
    return Anatomy(
        model=model,
        home=tuple(float(value) for value in home),
        home_name=home_name,
        up=_up(model),
        base=base,
        main=main,
        main_name=body_name(model, main),
        joints=joints,
        ends=tuple(_ends(model, joints, root))[:MAX_ENDS] if moving else (),
        objects=tuple(objects),
        tendons=tuple(plain_name(model.tendon(index).name, f"tendon_{index}") for index in range(model.ntendon)),
        sensors=_sensors(model),
        actuators=actuators,
    )


def _joints(model: Any) -> tuple[Joint, ...]:
    joints = []
    for index in range(model.njnt):
        limited = bool(model.jnt_limited[index])
        x, y, z = (float(value) for value in model.jnt_axis[index])
        kind = _JOINT_KINDS[int(model.jnt_type[index])]
        body = int(model.jnt_bodyid[index])
        otherwise = f"{body_name(model, body)}_{kind}_{index}"
        joints.append(
            Joint(
                name=plain_name(model.joint(index).name, otherwise),
                kind=kind,
                body=body,
                qpos=int(model.jnt_qposadr[index]),
                dof=int(model.jnt_dofadr[index]),
                axis=(x, y, z),
                limits=(float(model.jnt_range[index, 0]), float(model.jnt_range[index, 1])) if limited else None,
            )
        )
    return tuple(joints)


def _robot(model: Any, joints: Sequence[Joint], driven: frozenset[int]) -> int:
    """The root body of the tree that the actuators move most; the largest where several are equal."""
    weight: dict[int, tuple[int, int]] = {}
    for joint in joints:
        root = int(model.body_rootid[joint.body])
        moved, size = weight.get(root, (0, 0))
        weight[root] = (moved + len(driven & set(joint.velocities)), size + len(joint.velocities))
    return max(weight, key=lambda root: (*weight[root], -root))


def _base(model: Any, joints: Sequence[Joint], driven: frozenset[int], root: int) -> tuple[Base, int]:
    """How the robot's root is held: by a free joint, by slides that nothing drives, or fast."""
    of_root = [joint for joint in joints if joint.body == root]
    if any(joint.kind == "free" for joint in of_root):
        return "free", root
    if any(joint.kind == "slide" and not driven & set(joint.velocities) for joint in of_root):
        return "planar", root
    return "fixed", root


def _ends(model: Any, joints: Sequence[Joint], root: int) -> list[End]:
    """The last moving bodies of the robot's limbs; a limb without a joint of its own ends where it is held."""
    jointed = {joint.body for joint in joints}
    tree = [body for body in range(model.nbody) if int(model.body_rootid[body]) == root]
    children = {int(model.body_parentid[body]) for body in tree}
    leaves = [body for body in tree if body not in children and _moves(model, body, jointed)]
    limbs = [leaf for leaf in leaves if leaf != root] or leaves
    return [end for leaf in limbs for end in _places(model, leaf)]


def _moves(model: Any, body: int, jointed: set[int]) -> bool:
    while body > 0:
        if body in jointed:
            return True
        body = int(model.body_parentid[body])
    return False


def _places(model: Any, body: int) -> list[End]:
    sites = [index for index in range(model.nsite) if int(model.site_bodyid[index]) == body]
    named = [index for index in sites if model.site(index).name]
    if named:
        return [End(plain_name(model.site(index).name, f"site_{index}"), "site_xpos", index) for index in named]
    return [End(body_name(model, body), "xipos", body)]


def _sensors(model: Any) -> tuple[Sensor, ...]:
    sensors = []
    for index in range(model.nsensor):
        kind = mujoco.mjtSensor(int(model.sensor_type[index])).name.removeprefix("mjSENS_").lower()
        sensors.append(
            Sensor(
                name=plain_name(model.sensor(index).name, f"{kind}_{index}"),
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
