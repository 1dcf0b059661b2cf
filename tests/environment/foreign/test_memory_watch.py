"""An environment that keeps what it makes is told of, and ends its training before the machine is full."""

from __future__ import annotations

from itertools import count

import psutil
import pytest

from autoreward.environment.foreign import memory_watch
from autoreward.errors import EnvironmentFailedError
from tests.environment.foreign.test_foreign_env import env_of, play

GIB = 1 << 30


def test_an_environment_that_keeps_what_it_makes_is_told_of_and_ends_before_the_machine_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory_watch, "EVERY", 0.0)
    monkeypatch.setattr(memory_watch, "_held", (2 * GIB * looks for looks in count()).__next__)  # 2 GiB more a look
    env = env_of("own_envs:Counting", 1, length=3)
    play(env, 128)
    (said,) = env.remarks()
    assert said.startswith("The processes of own_envs:Counting came to hold 274.9 GB more in 128 steps")
    monkeypatch.setattr(memory_watch, "LEFT", 1.0)  # of a machine that has nothing left
    with pytest.raises(
        EnvironmentFailedError, match=r"the memory of this machine is nearly used up, .* 2\.1 GB more in"
    ):
        play(env_of("own_envs:Counting", 1, length=3), 128)


def test_a_little_more_is_nothing_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_watch, "EVERY", 0.0)
    env = env_of("own_envs:Counting", 1, length=3)
    play(env, 8)
    assert env.remarks() == ()


def test_what_is_held_is_that_of_the_processes() -> None:
    own = psutil.Process().memory_info().rss
    assert memory_watch._held() > 0.5 * own > 0
