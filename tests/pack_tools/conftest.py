"""Robots for the tests of packs: the MJCF files under tests/models, and packs made from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.random_rollout import random_rollout
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.pack_tools.scaffold import new_pack

MODELS = Path(__file__).resolve().parent.parent / "models"
ROBOTS = {
    "arm": "arm.xml",
    "quadruped": "quadruped.xml",
    "scene": "scene/scene.xml",
    "muscle": "muscle.xml",
    "wheeler": "wheeler.xml",
    "led": "led.xml",
}
STRIDER = MODELS / "strider"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Pack]:
    """Writes a pack for one of the robots, and loads it."""

    def made(robot: str, **options: Any) -> Pack:
        folder = tmp_path / robot
        new_pack(str(folder), MODELS / ROBOTS[robot], **options)
        return load_pack(str(folder))

    return made


def played(pack: Pack, steps: int = 20) -> tuple[VectorEnv, Rollout, dict[str, np.ndarray]]:
    """A random rollout of four environments, with the fields of `next_state`."""
    env, rollout = random_rollout(pack, num_envs=4, num_steps=steps)
    return env, rollout, env.fields(rollout, after=True)
