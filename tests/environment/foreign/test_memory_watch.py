"""An environment that keeps what it makes is told of, and ends its training before the machine is full."""

from __future__ import annotations

import pytest

from autoreward.environment.foreign import memory_watch
from autoreward.errors import EnvironmentFailedError
from tests.environment.foreign.test_foreign_env import env_of, play


def test_an_environment_that_keeps_what_it_makes_is_told_of_and_ends_before_the_machine_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory_watch, "EVERY", 64)
    monkeypatch.setattr(memory_watch, "GROWN", 8 << 20)
    env = env_of("own_envs:Keeping", 1)
    play(env, 128)
    (said,) = env.remarks()
    assert said.startswith("The processes of own_envs:Keeping came to hold 0.0 GB more in 128 steps")
    monkeypatch.setattr(memory_watch, "LEFT", 1.0)  # of a machine that has nothing left
    with pytest.raises(EnvironmentFailedError, match=r"the memory of this machine is nearly used up, .* GB more in"):
        play(env_of("own_envs:Keeping", 1), 128)
    assert play(env_of("own_envs:Counting", 1, length=3), 128).terminated.any()
