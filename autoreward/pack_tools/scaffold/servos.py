"""Other actuators for a model: position servos in place of motors or of none, or motors in place of servos.

MuJoCo changes the model and writes it: the new file stands beside the copy of the old one, with the same meshes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mujoco
import numpy as np

from autoreward.environment.simulation.model import BINARY, name_of
from autoreward.errors import UsageError
from autoreward.pack_tools.scaffold.actuators import (
    ABSURD,
    BEARABLE,
    LARGE_ACCELERATION,
    find_moved_dofs,
    joint_inertias,
    too_strong,
)

STIFF = 0.6  # [rad] or [m] off its target, at which a servo pushes with all its force
DAMPED = 0.7  # of critical damping, of the joint alone
SUFFIX = "_actuated.xml"


@dataclass(frozen=True)
class Servo:
    """A servo at one joint."""

    joint: str
    stiffness: float  # [N m/rad] or [N/m]
    damping: float
    force: float  # at most


def with_servos(file: Path, model: Any, motors: bool = False) -> tuple[Any, str]:
    """The model with other actuators, and its text; see put_servos."""
    spec = read_spec(file)
    put_servos(spec, file, model, motors)
    changed = spec.compile()
    return changed, spec.to_xml()


def read_spec(file: Path) -> Any:
    """A model that can be changed.

    Raises:
        UsageError: it is a compiled one.
    """
    if file.suffix.lower() == BINARY:
        raise UsageError(f"--mjcf {file}: a compiled model cannot be changed.", "Give the MJCF file it was made from.")
    return mujoco.MjSpec.from_file(str(file))


def put_servos(spec: Any, file: Path, model: Any, motors: bool = False) -> None:
    """The model with a position servo at each of its joints in place of its motor.

    What acts on several joints, such as the tendon of a gripper, stays. Where nothing acts, every joint has a servo.

    Args:
        spec: MjSpec, changed in place.
        file: the model.
        model: the same, compiled.
        motors: give it motors with the same greatest force, not servos.

    Raises:
        UsageError: none of its actuators acts on one joint, or such a joint has no name.
    """
    moved = find_moved_dofs(model, model.qpos0)
    servos = _servos(file, model, moved)
    for actuator, dofs in zip(list(spec.actuators), moved, strict=True):
        if len(dofs) == 1:
            spec.delete(actuator)
    for key in list(spec.keys):
        key.ctrl = []
    for servo in servos:
        added = spec.add_actuator(name=servo.joint, target=servo.joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
        if motors:
            added.set_to_motor()
            added.ctrlrange = [-servo.force, servo.force]
            continue
        added.set_to_position(kp=servo.stiffness, kv=servo.damping)
        added.forcerange = [-servo.force, servo.force]
        added.inheritrange = 0.0


def _servos(file: Path, model: Any, moved: Sequence[frozenset[int]]) -> list[Servo]:
    inertias = joint_inertias(model, model.qpos0)
    scalar = (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE)
    driven = frozenset[int]().union(*(dofs for dofs in moved if len(dofs) == 1))
    joints = [joint for joint in range(model.njnt) if int(model.jnt_type[joint]) in scalar]
    chosen = [joint for joint in joints if not model.nu or int(model.jnt_dofadr[joint]) in driven]
    if not chosen or not all(name_of(model, "joint", one) for one in chosen):
        raise UsageError(
            f"--mjcf {file}: servos need joints with names, each with a motor of its own or none.",
            "Name the joints, or write <position joint='...' kp='...'/> into its <actuator> section.",
        )
    alone = [(index, *dofs) for index, dofs in enumerate(moved) if len(dofs) == 1]
    forces = [_force(model, index) for index, _ in alone]
    wrong = too_strong(forces, [inertias[dof] for _, dof in alone])
    stated = [
        (dof, force) for (_, dof), force, each in zip(alone, forces, wrong, strict=True) if force > 0 and not each
    ]
    return [_servo(model, joint, stated, inertias) for joint in chosen]


def _servo(model: Any, joint: int, stated: Sequence[tuple[int, float]], inertias: Sequence[float]) -> Servo:
    """The servo of a joint; its motor's force is that which is stated for its degree of freedom."""
    dof = int(model.jnt_dofadr[joint])
    forces = [force for moved, force in stated if moved == dof]
    if model.jnt_actfrclimited[joint]:
        forces.append(float(np.abs(model.jnt_actfrcrange[joint]).max()))
    believed = [one for one in forces if 0 < one <= ABSURD * BEARABLE * inertias[dof]]
    force = min(believed, default=LARGE_ACCELERATION * inertias[dof])
    stiffness = force / STIFF
    damping = 2.0 * DAMPED * float(np.sqrt(stiffness * inertias[dof]))
    return Servo(name_of(model, "joint", joint), round(stiffness, 3), round(damping, 4), round(force, 3))


def _force(model: Any, actuator: int) -> float:
    """The greatest force of a motor, 0 where it has no limit."""
    gear, gain = abs(float(model.actuator_gear[actuator, 0])), abs(float(model.actuator_gainprm[actuator, 0]))
    if model.actuator_forcelimited[actuator]:
        return float(np.abs(model.actuator_forcerange[actuator]).max()) * gear
    plain = int(model.actuator_biastype[actuator]) == mujoco.mjtBias.mjBIAS_NONE  # a motor's control is its force
    limited = plain and bool(model.actuator_ctrllimited[actuator])
    return float(np.abs(model.actuator_ctrlrange[actuator]).max()) * gain * gear if limited else 0.0
