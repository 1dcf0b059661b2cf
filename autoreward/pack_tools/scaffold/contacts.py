"""Contact sensors for each link of a robot, added to its copied model (`--contacts`), and the fields that read them.

The batched simulation keeps no list of contacts; MuJoCo's contact sensors sum that list up for it. MJX in jax knows no
such sensors: a pack that has them trains on the CPU, or with MuJoCo Warp.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import mujoco

from autoreward.environment.simulation.model import name_of
from autoreward.pack_tools.scaffold.anatomy import LINK_CONTACT, SELF_CONTACT, Sensor
from autoreward.pack_tools.scaffold.drafts import OLD, Draft

FOUND_AND_FORCE, NET_FORCE = 3, 3  # mjtConDataField bits 0 and 1; the sum of all contacts, in the world frame


def add_contact_sensors(spec: Any, model: Any) -> None:
    """One for each link with a name and a geom that collides, and one for contacts of the robot with itself.

    Args:
        spec: MjSpec, changed in place.
        model: the same, compiled.
    """
    links = contact_links(model)
    for name in links:
        _add(spec, f"{LINK_CONTACT}{name}", mujoco.mjtObj.mjOBJ_BODY, name)
    roots = {name_of(model, "body", int(model.body_rootid[model.body(name).id])) for name in links}
    if len(roots) == 1 and (root := roots.pop()):
        _add(spec, SELF_CONTACT, mujoco.mjtObj.mjOBJ_XBODY, root, root)


def contact_links(model: Any) -> list[str]:
    """The links that can touch something: they have a name, move, and have a geom that collides."""
    solid = {
        int(model.geom_bodyid[geom])
        for geom in range(model.ngeom)
        if model.geom_contype[geom] or model.geom_conaffinity[geom]
    }
    moving = [body for body in sorted(solid) if model.body_weldid[body] != 0 and not _loose(model, body)]
    return [name for name in (name_of(model, "body", body) for body in moving) if name]


def _loose(model: Any, body: int) -> bool:
    """Whether a body is an object: it is free, and nothing hangs on it."""
    root = int(model.body_rootid[body])
    alone = sum(int(one) == root for one in model.body_rootid) == 1
    return alone and int(model.body_dofnum[root]) == 6


def _add(spec: Any, name: str, kind: Any, of: str, other: str = "") -> None:
    sensor = spec.add_sensor(name=name, type=mujoco.mjtSensor.mjSENS_CONTACT, objtype=kind, objname=of)
    if other:
        sensor.reftype, sensor.refname = kind, other
    sensor.intprm[0], sensor.intprm[1], sensor.intprm[2] = FOUND_AND_FORCE, NET_FORCE, 1


def contact_drafts(sensors: Sequence[Sensor]) -> Iterator[Draft]:
    """The fields that read the sensors."""
    links = [sensor for sensor in sensors if sensor.added and sensor.name != SELF_CONTACT]
    names, reads = tuple(sensor.name.removeprefix(LINK_CONTACT) for sensor in links), frozenset({"sensordata"})
    if links:
        forces = ", ".join(f"contact_force(xp, data, {sensor.address})" for sensor in links)
        found = ", ".join(f"data.sensordata[..., {sensor.address}]" for sensor in links)
        yield Draft(
            "link_contact_force", f"xp.stack([{forces}], axis=-1)",
            f"size of the net force of all contacts of each link, from MuJoCo's list of contacts, {OLD}", (len(links),),
            "N", "none", names, observable=False, reads=reads,
        )  # fmt: skip
        yield Draft(
            "link_contact", f"xp.where(xp.stack([{found}], axis=-1) > 0.0, 1.0, 0.0)",
            f"1 where a link touches anything, else 0; from MuJoCo's list of contacts, {OLD}", (len(links),), "1",
            "none", names, observable=False, reads=reads,
        )  # fmt: skip
    for sensor in sensors:
        if sensor.added and sensor.name == SELF_CONTACT:
            yield Draft(
                SELF_CONTACT, f"xp.where(data.sensordata[..., {sensor.address}] > 0.0, 1.0, 0.0)",
                f"1 where the robot touches itself, else 0; from MuJoCo's list of contacts, {OLD}", (), "1", "none",
                observable=False, reads=reads,
            )  # fmt: skip
