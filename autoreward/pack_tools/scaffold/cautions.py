"""What a roboticist would look at first in a model that has just become a pack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mujoco
import numpy as np

from autoreward.environment.simulation.model import name_of
from autoreward.pack_tools.scaffold.actuators import TORN
from autoreward.pack_tools.scaffold.anatomy import Anatomy

HUGE, TINY = 20.0, 0.02  # [m] across, beyond which a robot is probably in other units
LOW = 0.05  # [m] of the base over the world's origin, at which it cannot stand
DEEP = 0.01  # [m] inside another body at the start
IDLE_SECONDS = 2.0
FALLEN = 1.0  # [rad] of tilt


def find_cautions(anatomy: Anatomy) -> tuple[str, ...]:
    """Sentences about what is unusual in a robot, none for a sound one."""
    data = anatomy.positions()
    mujoco.mj_forward(anatomy.model, data)
    checks = (_size, _ground, _root, _height, _inside, _limits, _idle)
    return tuple(sentence for check in checks for sentence in check(anatomy, data))


def _size(anatomy: Anatomy, data: Any) -> Iterator[str]:
    bodies = [body for body in range(1, anatomy.model.nbody) if anatomy.model.body_rootid[body] == anatomy.main]
    if len(bodies) > 1:
        across = float(np.ptp(data.xpos[bodies], axis=0).max())
        if across > HUGE or 0.0 < across < TINY:
            yield f"The robot is {across:.3g} m across: are its lengths in metres? A mesh has a `scale`."


def _ground(anatomy: Anatomy, _data: Any) -> Iterator[str]:
    model = anatomy.model
    still = [geom for geom in range(model.ngeom) if model.body_weldid[model.geom_bodyid[geom]] == 0]
    solid = [geom for geom in still if model.geom_contype[geom] or model.geom_conaffinity[geom]]
    if anatomy.base != "fixed" and any(model.opt.gravity) and not solid:
        yield 'The model has no floor, so the robot falls for ever: add <geom type="plane" size="0 0 1"/> to its world.'


def _root(anatomy: Anatomy, data: Any) -> Iterator[str]:
    """Legs without a free joint: the robot hangs where the model has it."""
    feet = [end for end in anatomy.ends if _is_foot(anatomy, end.name, end.body)]
    if anatomy.base == "fixed" and len(feet) > 1:
        yield (
            f"The robot has feet ({', '.join(end.name for end in feet)}), but its base has no free joint: it hangs "
            "where the model has it and cannot fall. Add <freejoint/> to its first body."
        )


def _height(anatomy: Anatomy, data: Any) -> Iterator[str]:
    """A free base at the height of the ground says nothing about falling."""
    height = float(data.xpos[anatomy.main] @ np.asarray(anatomy.up))
    if anatomy.base == "free" and any(anatomy.model.opt.gravity) and abs(height) < LOW:
        yield (
            f"The {anatomy.main_name} starts at height {height:.2g} m, so no height tells a fall and none ends an "
            "episode: give its body a `pos` at which it stands, or a keyframe."
        )


def _is_foot(anatomy: Anatomy, name: str, body: int) -> bool:
    words = f"{name} {name_of(anatomy.model, 'body', body)}".lower()
    return any(word in words for word in ("foot", "feet", "toe", "ankle", "sole"))


def _inside(anatomy: Anatomy, data: Any) -> Iterator[str]:
    deep = [contact for contact in data.contact[: data.ncon] if contact.dist < -DEEP]
    if deep:
        worst = min(deep, key=lambda contact: float(contact.dist))
        one, other = (_geom(anatomy.model, int(geom)) for geom in worst.geom)
        yield (
            f"In its initial pose {one} is {-float(worst.dist):.2g} m inside {other}: the first steps may throw it "
            "out. Start from another keyframe (--home), or move the model."
        )


def _geom(model: Any, geom: int) -> str:
    body = name_of(model, "body", int(model.geom_bodyid[geom]))
    return name_of(model, "geom", geom) or f"a geom of {body or 'a body without a name'}"


def _limits(anatomy: Anatomy, _data: Any) -> Iterator[str]:
    """Limits of motors that are none."""
    torn = [one.name for one in anatomy.actuators if TORN in one.why]
    if torn:
        yield (
            f"What the model states as the greatest force of {len(torn)} of its {len(anatomy.actuators)} motors "
            f"({', '.join(torn[:3])}{', ...' if len(torn) > 3 else ''}) {TORN}. ACTION_RANGE of pack.py has guesses in "
            "its place, marked SET THIS: take them from the robot's data sheet."
        )


def _idle(anatomy: Anatomy, _data: Any) -> Iterator[str]:
    """A robot on a free base that falls while the policy does nothing."""
    if anatomy.base != "free" or not any(anatomy.model.opt.gravity) or not anatomy.actuators:
        return
    data = anatomy.positions()
    data.ctrl[:] = [(one.low + one.high) / 2 for one in anatomy.actuators]
    up, start = np.asarray(anatomy.up), data.xmat[anatomy.main].reshape(3, 3).copy()
    height = float(data.xpos[anatomy.main] @ up)
    for _ in range(round(IDLE_SECONDS / float(anatomy.model.opt.timestep))):
        mujoco.mj_step(anatomy.model, data)
    turned = float(np.arccos(np.clip((start.T @ up) @ (data.xmat[anatomy.main].reshape(3, 3).T @ up), -1.0, 1.0)))
    sunk = float(data.xpos[anatomy.main] @ up) < 0.5 * height
    if turned > FALLEN or (height > 0 and sunk):
        what = "tips over" if turned > FALLEN else "collapses"
        servos = all(one.kind == "position servo" for one in anatomy.actuators)
        cure = "" if servos else " Position servos in place of its motors make learning far easier."
        yield f"Under the zero action the robot {what} within {IDLE_SECONDS:g} s.{cure}"
