"""What each actuator does, and between which controls a policy should choose."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import mujoco
import numpy as np

from autoreward.pack_tools.scaffold.names import part_name, unique

Range = tuple[float, float, str]  # of controls, low and high, and the reason for it
Kind = Literal["motor", "position servo", "velocity servo", "muscle", "actuator"]

LARGE_ACCELERATION = 300.0  # [rad/s^2] or [m/s^2] of a joint alone, that a strong motor can give it
BEARABLE = 40.0  # the same, of a motor of which nothing is known
ABSURD = 400.0  # times that: no motor has it
PLACEHOLDER = 1000.0  # [N m] or [N], from which a number that is written for many motors may stand for "no limit"
TORN = "would tear it apart"
AROUND_HOME = 0.5  # [rad] or [m]: how far from its home pose a robot on a free base is commanded at first


@dataclass(frozen=True)
class Actuator:
    """One actuator, with a range for the policy and the reason for it."""

    name: str
    kind: Kind
    low: float
    high: float
    why: str  # of the range
    states: int  # entries of `act`, 0 for most
    unit: str  # of its force


def read_actuators(
    model: Any, home: Sequence[float], around: float | None, ctrl: Sequence[float] | None = None
) -> tuple[Actuator, ...]:
    """All actuators of a model.

    Args:
        home: qpos.
        around: [rad] or [m] that position servos go from the home pose, so that a policy that has learned nothing yet
            does little; None: their whole range.
        ctrl: the controls that belong to `home`, where the model states any.
    """
    actuators: list[Actuator] = []
    kinds = [_kind(model, index) for index in range(model.nu)]
    controls = [None] * model.nu if ctrl is None else [float(control) for control in ctrl]
    ranges = [_range(model, index, kinds[index], home, around, controls[index]) for index in range(model.nu)]
    bearable = _bearable(model, kinds, joint_inertias(model, home), ranges)
    taken: set[str] = set()
    for index, (kind, (low, high, why)) in enumerate(zip(kinds, bearable, strict=True)):
        actuators.append(
            Actuator(
                name=unique(part_name(model, "actuator", index, f"actuator_{index}"), taken),
                kind=kind,
                low=low,
                high=high,
                why=why,
                states=max(0, int(model.actuator_actnum[index])),
                unit=_force_unit(model, index),
            )
        )
    return tuple(actuators)


def joint_inertias(model: Any, home: Sequence[float]) -> list[float]:
    """What each degree of freedom has to accelerate alone in a pose: the diagonal of the mass matrix."""
    data = mujoco.MjData(model)
    data.qpos[:] = home
    mujoco.mj_forward(model, data)
    full = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, full)
    return [float(value) for value in np.diagonal(full)]


def too_strong(forces: Sequence[float], inertias: Sequence[float]) -> list[bool]:
    """Which motors would tear the robot apart: some models say 20000 N m and mean "no limit".

    A large number that would do so at most of the joints for which it is stated is meant for none of them.

    Args:
        forces: the greatest of each motor [N m] or [N].
        inertias: that each accelerates.
    """
    torn = [force > ABSURD * BEARABLE * inertia for force, inertia in zip(forces, inertias, strict=True)]
    wrong = Counter(force for force, each in zip(forces, torn, strict=True) if each and force >= PLACEHOLDER)
    return [each or 2 * wrong[force] > forces.count(force) for force, each in zip(forces, torn, strict=True)]


def _bearable(model: Any, kinds: Sequence[Kind], inertias: Sequence[float], stated: Sequence[Range]) -> list[Range]:
    """The ranges, less where a motor's would tear the robot apart."""
    ranges = list(stated)
    joints = {index: _joint(model, index) for index, kind in enumerate(kinds) if kind == "motor"}
    motors = {index: joint for index, joint in joints.items() if joint is not None}
    moved = [inertias[int(model.jnt_dofadr[joint])] for joint in motors.values()]
    pushes = [abs(float(model.actuator_gainprm[one, 0]) * float(model.actuator_gear[one, 0])) for one in motors]
    forces = [push * max(map(abs, stated[one][:2])) for one, push in zip(motors, pushes, strict=True)]
    for index, wrong, push, inertia in zip(motors, too_strong(forces, moved), pushes, moved, strict=True):
        if wrong:
            (low, high, _), enough = stated[index], float(f"{BEARABLE * inertia / push:.2g}")
            why = f"the model's {low:g} to {high:g} {TORN}: SET THIS"
            ranges[index] = max(low, -enough), min(high, enough), why
    return ranges


def find_moved_dofs(model: Any, home: Sequence[float]) -> tuple[frozenset[int], ...]:
    """For each actuator, the degrees of freedom on which it acts, by whatever transmission."""
    data = mujoco.MjData(model)
    data.qpos[:] = home
    mujoco.mj_forward(model, data)
    moved = []
    for index in range(model.nu):
        start, count = int(data.moment_rowadr[index]), int(data.moment_rownnz[index])
        moved.append(frozenset(int(dof) for dof in data.moment_colind[start : start + count]))
    return tuple(moved)


def _kind(model: Any, index: int) -> Kind:
    """MuJoCo's shortcuts (`<motor>`, `<position>`, ...) are settings of one general actuator: read them back."""
    if int(model.actuator_gaintype[index]) == mujoco.mjtGain.mjGAIN_MUSCLE:
        return "muscle"
    gain, bias = model.actuator_gainprm[index], model.actuator_biasprm[index]
    fixed = int(model.actuator_gaintype[index]) == mujoco.mjtGain.mjGAIN_FIXED
    affine = int(model.actuator_biastype[index]) == mujoco.mjtBias.mjBIAS_AFFINE
    if fixed and affine and gain[0] > 0 and bias[1] == -gain[0]:
        return "position servo"
    if fixed and affine and gain[0] > 0 and bias[1] == 0 and bias[2] == -gain[0]:
        return "velocity servo"
    return "motor" if fixed and not affine else "actuator"


def _joint(model: Any, index: int) -> int | None:
    """The hinge or slide that an actuator acts on, or None."""
    transmissions = (mujoco.mjtTrn.mjTRN_JOINT, mujoco.mjtTrn.mjTRN_JOINTINPARENT)
    joint = int(model.actuator_trnid[index, 0])
    scalar = (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE)
    if int(model.actuator_trntype[index]) in transmissions and int(model.jnt_type[joint]) in scalar:
        return joint
    return None


def _range(
    model: Any, index: int, kind: Kind, home: Sequence[float], around: float | None, stated: float | None
) -> Range:
    joint = _joint(model, index)
    limited = bool(model.actuator_ctrllimited[index])
    low, high = (float(value) for value in model.actuator_ctrlrange[index])
    if kind == "position servo" and joint is not None:
        full = (low, high) if limited else _joint_range(model, joint)
        if around is not None:
            return _near(full, around, float(home[int(model.jnt_qposadr[joint])]) if stated is None else stated)
        if not limited:
            return (*full, "target position; not limited by the model: the range of its joint")
        return (*full, "target position")
    if limited:
        return low, high, "as the model limits it"
    return _guessed(model, index, kind, joint)


def _near(full: tuple[float, float], around: float, home: float) -> Range:
    """The same distance to both sides of home where the range allows it, so that action 0 is home."""
    room = min(around, home - full[0], full[1] - home)
    reach = room if room > 0.2 * around else around  # home lies at a limit: go to one side only
    low, high = max(full[0], home - reach), min(full[1], home + reach)
    if low >= high:  # home lies outside of what can be commanded
        low, high = full
    return low, high, f"target position, near home at {home:.3g}; the whole range is {full[0]:.3g} to {full[1]:.3g}"


def _joint_range(model: Any, joint: int) -> tuple[float, float]:
    if model.jnt_limited[joint]:
        return float(model.jnt_range[joint, 0]), float(model.jnt_range[joint, 1])
    reach = math.pi if int(model.jnt_type[joint]) == mujoco.mjtJoint.mjJNT_HINGE else 0.5
    return -reach, reach


def _guessed(model: Any, index: int, kind: Kind, joint: int | None) -> Range:
    if kind == "muscle":
        return 0.0, 1.0, "excitation"
    gain = float(model.actuator_gainprm[index, 0])
    if kind == "motor" and gain > 0:
        if model.actuator_forcelimited[index]:
            low, high = (float(value) / gain for value in model.actuator_forcerange[index])
            return low, high, "not limited by the model: what its force limit allows"
        gear = abs(float(model.actuator_gear[index, 0]))
        if joint is not None and model.jnt_actfrclimited[joint] and gear > 0:
            reach = float(abs(model.jnt_actfrcrange[joint]).max()) / (gain * gear)
            return -reach, reach, "not limited by the model: what the force limit of its joint allows"
    return -1.0, 1.0, "not limited by the model, and nothing tells a good range: SET THIS"


def _force_unit(model: Any, index: int) -> str:
    joint = _joint(model, index)
    if joint is not None:
        return "N m" if int(model.jnt_type[joint]) == mujoco.mjtJoint.mjJNT_HINGE else "N"
    spatial = int(model.actuator_trntype[index]) == mujoco.mjtTrn.mjTRN_TENDON
    return "N" if spatial else "mixed"
