"""What a model says of the body: how heavy its links are, how far its joints go, which of them have springs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

HINGE, SLIDE = 3, 2  # mujoco.mjtJoint
UNITS = {HINGE: ("rad", "N m/rad"), SLIDE: ("m", "N/m")}  # of a limit, of a spring


def body_facts(model: Any) -> str:
    """One line for a designer, by the names that the model gives; "" where it has neither links nor limits.

    Args:
        model: a `mujoco.MjModel`, as the pack changes it.
    """
    masses = [
        f"{_name(model.body(body).name)} {model.body_mass[body]:.3g}"
        for body in range(1, model.nbody)
        if model.body_mass[body] > 0.0
    ]
    limits = list(_limits(model))
    parts = [f"masses [kg]: {', '.join(masses)}"] if masses else []
    parts += [f"joint limits in the model: {', '.join(limits)}"] if limits else []
    return "; ".join(parts)


def _limits(model: Any) -> Iterator[str]:
    for joint in range(model.njnt):
        kind = int(model.jnt_type[joint])
        if kind not in UNITS or not model.jnt_limited[joint]:
            continue
        low, high = model.jnt_range[joint]
        angle, spring = UNITS[kind]
        stiffness = float(model.jnt_stiffness[joint])
        springs = f" with a spring of {stiffness:.3g} {spring}" if stiffness > 0.0 else ""
        yield f"{_name(model.joint(joint).name)} {low:.3g} to {high:.3g} {angle}{springs}"


def _name(name: str) -> str:
    return name or "(no name)"
