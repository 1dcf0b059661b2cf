"""Actions that move the targets of position servos, a little at each control step (`--control delta`)."""

from __future__ import annotations

from dataclasses import dataclass

from autoreward.errors import UsageError
from autoreward.pack_tools.scaffold.anatomy import Anatomy
from autoreward.pack_tools.scaffold.text import number

SPEED = {"N m": 3.0, "N": 0.5}  # [rad/s] or [m/s] that a target moves at most, by the unit of the servo's force
WHOLE = 1e6  # of a control that is no target: no bound is needed


@dataclass(frozen=True)
class Moved:
    """One actuator whose control is a target that actions move."""

    index: int
    name: str
    entry: int  # of qpos: where the target is when an episode begins
    step: float  # [rad] or [m] a control step, at most
    low: float
    high: float


def moved_targets(anatomy: Anatomy, period: float) -> tuple[Moved, ...]:
    """The position servos of a robot, each at one joint.

    Args:
        period: [s] of a control step.

    Raises:
        UsageError: it has none.
    """
    model, moved = anatomy.model, []
    for index, one in enumerate(anatomy.actuators):
        if one.kind == "position servo" and one.unit in SPEED:
            entry = int(model.jnt_qposadr[int(model.actuator_trnid[index, 0])])
            moved.append(Moved(index, one.name, entry, round(SPEED[one.unit] * period, 5), one.low, one.high))
    if not moved:
        raise UsageError(
            "--control delta: no actuator of this robot is a position servo at a joint, so nothing has a target.",
            "Take --control position or torque.",
        )
    return tuple(moved)


def delta_values(moved: tuple[Moved, ...], actuators: int) -> dict[str, object]:
    """What the template of a pack asks for."""
    by_index = {one.index: one for one in moved}
    places = {index: f"goal[..., {at}:{at + 1}]" for at, index in enumerate(by_index)}
    parts = [places.get(index, f"action[..., {index}:{index + 1}]") for index in range(actuators)]
    return {
        "moved": by_index,
        "moved_entries": [one.entry for one in moved],
        "moved_indices": [one.index for one in moved],
        "moved_low": [number(one.low) for one in moved],
        "moved_high": [number(one.high) for one in moved],
        "ctrl_parts": ", ".join(parts),
    }
