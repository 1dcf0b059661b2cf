"""How many copies of somebody else's environment a population steps, where one takes long to make."""

from __future__ import annotations

from autoreward.records import PPOSettings
from autoreward.trainer.backends.foreign_backend import with_fewer_copies


def test_rollouts_stay_as_large() -> None:
    settings = PPOSettings(num_envs=16, num_steps=128)
    assert with_fewer_copies(settings, 2, 32) == settings
    fewer = with_fewer_copies(settings, 3, 16)  # 3 x 4 copies
    assert (fewer.num_envs, fewer.num_steps) == (4, 512)
    one = with_fewer_copies(settings, 40, 16)  # one a policy there must be
    assert (one.num_envs, one.num_steps) == (1, 2048)
