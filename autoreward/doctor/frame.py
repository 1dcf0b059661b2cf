"""`python -m autoreward.doctor.frame`: draws one frame with the GL backend of MUJOCO_GL, and fails if it is empty."""

from __future__ import annotations

import mujoco
import numpy as np

SCENE = """
<mujoco>
  <worldbody>
    <light pos="0 0 3"/>
    <geom type="sphere" size="0.5" rgba="1 0 0 1"/>
    <camera name="front" pos="0 -3 0" xyaxes="1 0 0 0 0 1"/>
  </worldbody>
</mujoco>
"""


def draw() -> int:
    """The number of different values in the frame; 1 is an empty one."""
    model = mujoco.MjModel.from_xml_string(SCENE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    with mujoco.Renderer(model, height=64, width=64) as renderer:
        renderer.update_scene(data, camera="front")
        return len(np.unique(renderer.render()))


if __name__ == "__main__":
    if draw() < 2:
        raise SystemExit("the frame is empty")
