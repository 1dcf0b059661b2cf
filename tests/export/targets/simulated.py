"""A pack's robot inside somebody else's scene: behind another body, under a prefix, at its environment's origin."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import mujoco
import numpy as np

from autoreward.environment.pack import Pack
from autoreward.environment.vector_env import Rollout

ORIGINS = np.array([[0.0, 0.0, 0.0], [8.0, -4.0, 0.0]])
PREFIX = "robot/"
BALL = 7, 6  # what a ball before the robot adds to qpos and qvel


def scene_of(pack: Pack, ball: bool = True) -> mujoco.MjModel:
    """The pack's model attached to a scene that has a ball of its own before it."""
    scene = mujoco.MjSpec()
    if ball:
        body = scene.worldbody.add_body(name="ball", pos=[0, 0, 50])
        body.add_freejoint()
        body.add_geom(size=[0.1, 0, 0], contype=0, conaffinity=0)
    robot = mujoco.MjSpec.from_file(str(pack.model_path))
    scene.option = robot.option
    scene.attach(robot, prefix=PREFIX, frame=scene.worldbody.add_frame())
    return scene.compile()


@dataclass
class Scene:
    """Two environments of the scene, which begin as the first two of a rollout and take its actions."""

    model: mujoco.MjModel
    rollout: Rollout
    frame_skip: int

    def __post_init__(self) -> None:
        self.datas = [mujoco.MjData(self.model) for _ in ORIGINS]
        for env, data in enumerate(self.datas):
            data.qpos[BALL[0] :], data.qvel[BALL[1] :] = self._at_first("qpos", env), self._at_first("qvel", env)
            data.qpos[BALL[0] : BALL[0] + 3] += ORIGINS[env]
            mujoco.mj_forward(self.model, data)

    def _at_first(self, name: str, env: int) -> Any:
        return self.rollout.before[name][0, env]

    def step(self, t: int) -> None:
        """The action of step t."""
        for env, data in enumerate(self.datas):
            data.ctrl[:] = self.rollout.action[t, env]
            mujoco.mj_step(self.model, data, self.frame_skip)

    def array(self, name: str) -> Any:
        """MuJoCo's array of both environments [2, ...] in float32."""
        return np.stack([np.array(getattr(data, name)) for data in self.datas]).astype(np.float32)

    @property
    def steps(self) -> int:
        """How many steps neither environment ends in."""
        ended = self.rollout.ended[:, :2].any(axis=1)
        return int(ended.argmax()) if ended.any() else len(ended)


def lazily(read: Any) -> Any:
    """An object whose attributes are what `read` gives for their names."""

    class Read:
        def __getattr__(self, name: str) -> Any:
            return read(name)

    return Read()


def namespace(**values: Any) -> SimpleNamespace:
    """Values by attribute."""
    return SimpleNamespace(**values)
