"""`python -m autoreward.environment.clip_worker`: draws one clip, asked on stdin, answered on stdout (see wire.py).

A process of its own, because MuJoCo chooses its GL backend (MUJOCO_GL) when it is imported, and because a driver
that crashes must not take a search with it.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from autoreward import wire
from autoreward.child_life import end_with_asker
from autoreward.environment.clip_encoding import FORMS, HEIGHT, WIDTH
from autoreward.environment.clips import LONGEST
from autoreward.environment.foreign.drawing import own_scene
from autoreward.environment.foreign.reference import is_reference, parse
from autoreward.environment.pack import load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.errors import AutorewardError

NICENESS = 10  # a search goes first
REQUEST_LIMIT = 1 << 30  # [bytes]
DISTANCE = 2.5  # of a camera that follows, in sizes of the robot, at most
CAMERA = "track"  # the name that Gymnasium's models give to the camera that follows the robot


def main() -> None:
    """Draw one clip."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a driver prints must not mix with the answer
    os.nice(NICENESS)
    asked = wire.read(sys.stdin.buffer.read, REQUEST_LIMIT)
    if asked is None:
        raise SystemExit("nothing was asked")
    folder = asked.data["folder"]  # of whoever asks, which removes it
    end_with_asker(answers.fileno(), folder)
    os.chdir(folder)  # MuJoCo writes its log into the working directory
    path = Path(folder) / f"clip{asked.data['suffix']}"
    try:
        clip = draw(asked.data["env"], wire.unpack_arrays(asked.parts)["movement"], path)
    except AutorewardError as error:
        raise SystemExit(f"{error.message} {error.remedy}") from error
    with answers:
        answers.write(wire.encode({}, {"clip": clip}))


def draw(env: str, movement: NDArray[Any], path: Path) -> bytes:
    """The clip of a trajectory, in real time, up to what a clip shows.

    Args:
        env: name of a pack, the path of one outside the installation, or the reference of somebody else's.
        movement: `[L, m]`, one row a control step: qpos, or seed and action of somebody else's environment.
        path: where the file is made, with the suffix of its form; a stream cannot be written twice, as an index at
            its front needs.
    """
    form = FORMS[path.suffix]
    if is_reference(env):
        scene = own_scene(parse(env))
        period, stride = scene.period, stride_of(scene.period, form.most_frames)
        pictures = scene.pictures(movement[: round(LONGEST / period)], stride, (HEIGHT, WIDTH))
    else:
        pack = load_pack(env)
        period, stride = pack.control_period, stride_of(pack.control_period, form.most_frames)
        pictures = frames(load_model(pack), movement[: round(LONGEST / period) : stride])
    form.encode(path, pictures, Fraction(1.0 / (period * stride)).limit_denominator(1000))
    return path.read_bytes()


def stride_of(control_period: float, most_frames: float) -> int:
    """Control steps from frame to frame, where there are at most so many frames a second."""
    return max(1, math.ceil(1.0 / (control_period * most_frames) - 1e-9))


def frames(model: Any, qpos: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Pictures `[HEIGHT, WIDTH, 3]` uint8, one a row of `qpos [L, nq]`."""
    model.vis.global_.offwidth, model.vis.global_.offheight = WIDTH, HEIGHT
    draw_endless_floors(model)
    data, camera = mujoco.MjData(model), camera_of(model)
    with mujoco.Renderer(model, HEIGHT, WIDTH) as renderer:
        for row in qpos:
            data.qpos[:] = row
            mujoco.mj_forward(model, data)
            renderer.update_scene(data, camera=camera)
            yield renderer.render()


def draw_endless_floors(model: Any) -> None:
    """Draw planes as far as they reach: for contacts they have no end, and a fast robot runs past the drawn one."""
    for geom in range(model.ngeom):
        size, material = model.geom_size[geom, :2], model.geom_matid[geom]
        if model.geom_type[geom] != mujoco.mjtGeom.mjGEOM_PLANE or not size.all():
            continue
        if material >= 0 and not model.mat_texuniform[material]:  # repeated over the plane; from now on by the metre
            model.mat_texrepeat[material] /= size
            model.mat_texuniform[material] = True
        model.geom_size[geom, :2] = 0.0


def camera_of(model: Any) -> Any:
    """The model's own camera that follows the robot, else one that does where the robot can leave the picture."""
    if mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_CAMERA, CAMERA) >= 0:
        return CAMERA
    camera = mujoco.MjvCamera()
    mujoco.mjv_defaultFreeCamera(model, camera)
    if model.njnt and _travels(model):
        camera.type = mujoco.mjtCamera.mjCAMERA_TRACKING
        camera.trackbodyid = int(model.jnt_bodyid[0])
        camera.distance = min(camera.distance, DISTANCE * _size(model))  # of a large floor the robot is but a dot
    return camera


def _size(model: Any) -> float:
    """The diagonal of the box around all that moves, in the initial pose [m]."""
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    moving = model.geom_bodyid > 0
    if not moving.any():
        return float("inf")
    centre, radius = data.geom_xpos[moving], model.geom_rbound[moving, None]
    return float(np.linalg.norm((centre + radius).max(axis=0) - (centre - radius).min(axis=0)))


def _travels(model: Any) -> bool:
    """Whether the first joint takes the robot away: a free one, or a slide without limits."""
    kind = model.jnt_type[0]
    slides = kind == mujoco.mjtJoint.mjJNT_SLIDE and not model.jnt_limited[0]
    return bool(kind == mujoco.mjtJoint.mjJNT_FREE or slides)


if __name__ == "__main__":
    main()
