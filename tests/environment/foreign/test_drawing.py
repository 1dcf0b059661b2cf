"""Pictures by the environment's own renderer, of an episode that is played again."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.environment.foreign.drawing import own_scene
from autoreward.environment.foreign.reference import Reference
from autoreward.errors import RenderingError


def test_an_episode_is_played_again_and_its_pictures_fitted() -> None:
    scene = own_scene(Reference(id="own_envs:Counting", kwargs={"length": 9}))
    movement = np.float32([[4, 0.5]] * 4)
    first, second = scene.pictures(movement, 2, (36, 48))
    assert scene.period == pytest.approx(0.1)
    assert first.shape == (36, 48, 3)
    assert (first[0].max(), second[0].max()) == (0, 0)  # 20 x 40 in 36 x 48: black above and below
    assert abs(int(first[18, 24, 0]) - 50) < 5 and abs(int(second[18, 24, 0]) - 150) < 5


def test_one_without_a_renderer_is_said() -> None:
    with pytest.raises(RenderingError, match=r"own_envs:Reach draws no pictures: its render modes are \[\]"):
        own_scene(Reference(id="own_envs:Reach"))
