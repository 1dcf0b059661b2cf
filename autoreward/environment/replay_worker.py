"""`python -m autoreward.environment.replay_worker`: makes one 3-D replay, asked on stdin, answered on stdout (wire.py).

A process of its own: the viewer opens a port on this machine while it records, and its libraries are optional.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from autoreward import wire
from autoreward.child_life import end_with_asker
from autoreward.environment.clips import LONGEST
from autoreward.environment.foreign.reference import is_reference
from autoreward.environment.pack import load_pack
from autoreward.environment.replays import NOT_INSTALLED
from autoreward.environment.simulation.model import load_model
from autoreward.errors import AutorewardError

NICENESS = 10  # a search goes first
REQUEST_LIMIT = 1 << 30  # [bytes]
RATE = 30.0  # frames a second at most
DISTANCE = 1.2  # of the camera, in sizes of the robot
LIGHT = 1.5  # of each lamp beside the viewer's own, which shines from above
LAMPS = ((1.0, -1.0, 0.5), (-1.0, -1.0, 0.5), (1.0, 1.0, 0.5), (-1.0, 1.0, 0.5))  # from where each shines


def main() -> None:
    """Make one replay."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the viewer prints must not mix with the answer
    os.nice(NICENESS)
    asked = wire.read(sys.stdin.buffer.read, REQUEST_LIMIT)
    if asked is None:
        raise SystemExit("nothing was asked")
    end_with_asker(answers.fileno())
    try:
        page = replay(asked.data["env"], wire.unpack_arrays(asked.parts)["movement"])
    except ImportError as error:
        raise SystemExit(f"{NOT_INSTALLED} ({error.name})") from error
    except AutorewardError as error:
        raise SystemExit(f"{error.message} {error.remedy}") from error
    with answers:
        answers.write(wire.encode({}, {"page": page.encode()}))


def replay(env: str, qpos: NDArray[Any]) -> str:
    """A page with the movement in 3-D, a free camera and a time slider, which loads nothing from elsewhere.

    Args:
        env: name of a pack, or the path of one outside the installation.
        qpos: `[L, nq]`, one row a control step, up to what a clip shows.

    Raises:
        ImportError: the viewer is not installed.
    """
    import mjviser
    import viser

    if is_reference(env):
        raise SystemExit("a 3-D replay needs a MuJoCo model, which this environment does not give")
    pack = load_pack(env)
    model = load_model(pack)
    stride = max(1, round(1.0 / (RATE * pack.control_period)))
    with contextlib.redirect_stdout(io.StringIO()):
        server = viser.ViserServer(host="127.0.0.1", port=0, verbose=False)
        scene = mjviser.ViserMujocoScene(server, model, num_envs=1)
        _light(server, model)
        recorder = server.get_scene_serializer()
        data = mujoco.MjData(model)
        for row in qpos[: round(LONGEST / pack.control_period) : stride]:
            data.qpos[:] = row
            mujoco.mj_forward(model, data)
            scene.update_from_mjdata(data)
            recorder.insert_sleep(pack.control_period * stride)
        page: str = recorder.as_html()
        server.stop()
    return page


def _light(server: Any, model: Any) -> None:
    """A camera near the robot, which stays in the middle, and light in which its colours are seen.

    There is no image of surroundings: the viewer loads one anew each time that the movement begins again, and is all
    but transparent until it is there. Lamps from four sides stand for it: the viewer takes the bodies for metal, which
    shows nothing of a light without a direction.
    """
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    moving = model.geom_bodyid > 0
    centre, radius = data.geom_xpos[moving], model.geom_rbound[moving, None]
    size = float(np.linalg.norm((centre + radius).max(axis=0) - (centre - radius).min(axis=0)))
    server.scene.configure_environment_map(None)
    for number, position in enumerate(LAMPS):
        server.scene.add_light_directional(f"/lamp_{number}", intensity=LIGHT, position=position)
    server.initial_camera.look_at = (0.0, 0.0, 0.0)
    server.initial_camera.position = tuple(DISTANCE * size * np.array([0.3, -0.9, 0.3]))


if __name__ == "__main__":
    main()
