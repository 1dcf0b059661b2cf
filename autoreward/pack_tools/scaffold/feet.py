"""What a robot stands on: which ends of its limbs are feet, how thick their soles are, and where the ground is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from autoreward.pack_tools.scaffold.anatomy import Anatomy
from autoreward.pack_tools.scaffold.limbs import End

NEAR = 0.15  # share of the base's height, within which ends are as low as the lowest and so are feet too
LEAST = 0.03  # [m], for a base that lies
CENTRED = 0.01  # [m] between the middle of a wheel and its axle
MOST_POINTS = 100_000  # of a height field, which the pack holds as numbers
TOUCH = 0.01  # [m] of a sole over level ground, below which it counts as touching


@dataclass(frozen=True)
class Shin:
    """A capsule on whose lower end a robot stands, however steep it is."""

    geom: int
    body: int
    half: tuple[float, float, float]  # [m] from its middle to the end of its axis that is lower in the initial pose, in
    # the frame of its body


@dataclass(frozen=True)
class Foot:
    """An end on which the robot stands."""

    end: End
    sole: float  # [m] from its point, or from the lower end of the axis of its shin, down to what stands on the ground;
    # for a point as it is in the initial pose
    shin: Shin | None = None


@dataclass(frozen=True)
class Terrain:
    """A height field that lies level, its rows along y and its columns along x."""

    place: tuple[float, float, float]  # [m] of its middle in the world; heights are from there
    size: tuple[float, float]  # [m] from the middle to its edges, along x and y
    heights: tuple[tuple[float, ...], ...]  # [m], rows of columns


@dataclass(frozen=True)
class Ground:
    """The ground, where it is one level plane, a height field, or both: then the higher of the two."""

    height: float  # [m] along up, of the plane; beyond a height field without one: its lowest point
    terrain: Terrain | None = None


def find_feet(anatomy: Anatomy) -> tuple[Foot, ...]:
    """The lowest ends of a robot whose base moves; none where it is fixed."""
    if anatomy.base == "fixed" or not anatomy.ends:
        return ()
    data, up = anatomy.positions(), np.asarray(anatomy.up)
    heights = [float(getattr(data, end.array)[end.index] @ up) for end in anatomy.ends]
    lows = [_lowest(anatomy, data, end, up) for end in anatomy.ends]
    room = max(LEAST, NEAR * abs(float(data.xpos[anatomy.main] @ up) - min(lows)))
    return tuple(
        _foot(anatomy, data, end, height - low)
        for end, height, low in zip(anatomy.ends, heights, lows, strict=True)
        if low < min(lows) + room and not _is_wheel(anatomy, data, end)
    )


def _foot(anatomy: Anatomy, data: Any, end: End, sole: float) -> Foot:
    """The foot at an end; one that is a single capsule turns with its leg, so how deep it reaches changes."""
    model, solid = anatomy.model, _solid_geoms(anatomy, end)
    if len(solid) != 1 or int(model.geom_type[solid[0]]) != mujoco.mjtGeom.mjGEOM_CAPSULE:
        return Foot(end, round(max(sole, 0.0), 4))
    geom, body = solid[0], int(model.geom_bodyid[solid[0]])
    axis = data.geom_xmat[geom].reshape(3, 3)[:, 2]
    down = -axis if axis @ np.asarray(anatomy.up) > 0.0 else axis
    half = data.xmat[body].reshape(3, 3).T @ down * model.geom_size[geom, 1]
    x, y, z = (round(float(value), 5) + 0.0 for value in half)
    return Foot(end, round(float(model.geom_size[geom, 0]), 4), Shin(geom, body, (x, y, z)))


def _is_wheel(anatomy: Anatomy, data: Any, end: End) -> bool:
    """Whether a link turns about its own middle."""
    model = anatomy.model
    link = int(model.body_weldid[end.body])
    geoms = [geom for geom in range(model.ngeom) if int(model.body_weldid[model.geom_bodyid[geom]]) == link]
    joint = int(model.body_jntadr[link])
    if joint < 0 or not geoms or int(model.jnt_type[joint]) != mujoco.mjtJoint.mjJNT_HINGE:
        return False
    return max(float(np.linalg.norm(data.geom_xpos[geom] - data.xanchor[joint])) for geom in geoms) < CENTRED


def find_ground(anatomy: Anatomy) -> Ground | None:
    """The level plane or height field below the robot, or None where there is none, or of a kind that is not told."""
    model, data, up = anatomy.model, anatomy.positions(), np.asarray(anatomy.up)
    planes = [geom for geom in range(model.ngeom) if int(model.geom_type[geom]) == mujoco.mjtGeom.mjGEOM_PLANE]
    fields = [geom for geom in range(model.ngeom) if int(model.geom_type[geom]) == mujoco.mjtGeom.mjGEOM_HFIELD]
    level = [geom for geom in planes if data.geom_xmat[geom].reshape(3, 3)[:, 2] @ up > 0.999]
    plane = round(max(float(data.geom_xpos[geom] @ up) for geom in level), 4) if level else None
    if fields:
        terrain = _terrain(model, data, fields[0]) if len(fields) == 1 and up[2] > 0.999 else None
        if terrain is None:
            return None
        lowest = round(terrain.place[2] + min(min(row) for row in terrain.heights), 4)
        return Ground(lowest if plane is None else plane, terrain)
    return None if plane is None else Ground(plane)


def _terrain(model: Any, data: Any, geom: int) -> Terrain | None:
    """A height field, None where it is turned or has more points than a pack should hold."""
    field = int(model.geom_dataid[geom])
    rows, columns = int(model.hfield_nrow[field]), int(model.hfield_ncol[field])
    turned = np.abs(data.geom_xmat[geom].reshape(3, 3) - np.eye(3)).max() > 1e-6
    if turned or rows * columns > MOST_POINTS:
        return None
    first, (wide, deep, high, _) = int(model.hfield_adr[field]), model.hfield_size[field]
    heights = model.hfield_data[first : first + rows * columns].reshape(rows, columns) * high
    x, y, z = (round(float(value), 6) for value in data.geom_xpos[geom])
    written = tuple(tuple(round(float(value), 4) + 0.0 for value in row) for row in heights)
    return Terrain((x, y, z), (float(wide), float(deep)), written)


def _lowest(anatomy: Anatomy, data: Any, end: End, up: NDArray[Any]) -> float:
    """The lowest point of the geoms of an end's link."""
    point = float(getattr(data, end.array)[end.index] @ up)
    return min([_bottom(anatomy.model, data, geom, up) for geom in _solid_geoms(anatomy, end)], default=point)


def _solid_geoms(anatomy: Anatomy, end: End) -> list[int]:
    """The geoms of an end's link, those that collide where there are any."""
    model = anatomy.model
    link = int(model.body_weldid[end.body])
    geoms = [geom for geom in range(model.ngeom) if int(model.body_weldid[model.geom_bodyid[geom]]) == link]
    return [geom for geom in geoms if model.geom_contype[geom] or model.geom_conaffinity[geom]] or geoms


def _bottom(model: Any, data: Any, geom: int, up: NDArray[Any]) -> float:
    axes = np.abs(data.geom_xmat[geom].reshape(3, 3).T @ up)  # how far each axis of the geom points up
    middle, size, kind = float(data.geom_xpos[geom] @ up), model.geom_size[geom], int(model.geom_type[geom])
    if kind == mujoco.mjtGeom.mjGEOM_SPHERE:
        return middle - float(size[0])
    if kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        return middle - float(size[0] + size[1] * axes[2])
    centre, half = model.geom_aabb[geom][:3], model.geom_aabb[geom][3:]
    turned = data.geom_xmat[geom].reshape(3, 3)
    return middle + float(turned @ centre @ up) - float(half @ axes)
