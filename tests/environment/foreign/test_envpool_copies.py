"""EnvPool's batches: reset by us in the step that ends an episode, with the seeds that are asked for."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from autoreward.environment.foreign.envpool_copies import EnvPoolMade, threads_for
from autoreward.environment.foreign.foreign_env import ForeignEnv
from autoreward.environment.foreign.opening_worker import opened
from autoreward.environment.foreign.reference import PinnedInfo, Reference, parse
from autoreward.environment.pack import load_pack
from autoreward.environment.vector_env import Rollout
from autoreward.errors import UsageError
from tests.environment.foreign.test_foreign_env import noise_of


def played(env: str, copies: int, steps: int) -> tuple[ForeignEnv, Rollout]:
    reference = Reference(source="envpool", id=env, info=PinnedInfo(shown={}, hidden={}))
    made = ForeignEnv(load_pack(reference.text), copies)
    made.reset(noise_of([100, 101, 100][:copies]))
    rollout = made.new_rollout(steps)
    actions = np.zeros((copies, len(made.actions.low)), np.float32)
    actions[:, -1] = 1.0
    for t in range(steps):
        made.step(actions, rollout, t, noise_of([0] * copies))
    return made, rollout


def test_without_it_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "envpool", None)
    with pytest.raises(UsageError, match="needs EnvPool, which is not installed") as caught:
        EnvPoolMade(Reference(source="envpool", id="CartPole-v1", info=PinnedInfo(shown={}, hidden={})))
    assert "autoreward[envpool]" in caught.value.remedy


def test_threads_are_never_more_than_cores_or_copies() -> None:
    assert threads_for(1) == 1
    assert 1 <= threads_for(1000) <= 256


def test_next_state_is_the_state_before_the_reset() -> None:
    pytest.importorskip("envpool")
    made, rollout = played("CartPole-v1", 3, 30)
    fields = made.fields(rollout, after=True)
    limits = np.abs(fields["observation"][..., [0, 2]]) > np.float32([2.4, 12 * 2 * np.pi / 360])
    np.testing.assert_array_equal(rollout.terminated, limits.any(axis=-1))  # which the last state shows
    assert rollout.terminated.any(axis=0).all()
    t, env = np.argwhere(rollout.terminated[:-1])[0]
    assert rollout.elapsed[t, env] > 5 and rollout.elapsed[t + 1, env] == 0
    assert np.abs(rollout.observation[t + 1, env]).max() < 0.05  # as an episode begins
    inside = ~rollout.ended[:-1]
    np.testing.assert_array_equal(rollout.observation[1:][inside], rollout.next_observation[:-1][inside])


def test_equal_seeds_begin_equal_episodes() -> None:
    pytest.importorskip("envpool")
    (_, one), (_, again) = (played("CartPole-v1", 3, 20) for _ in range(2))
    np.testing.assert_array_equal(one.next_observation, again.next_observation)
    np.testing.assert_array_equal(one.observation[0, 0], one.observation[0, 2])
    assert not np.array_equal(one.observation[0, 0], one.observation[0, 1])


@pytest.mark.parametrize(
    ("env", "hidden"),
    [
        ("HalfCheetah-v5", {"info_reward_run", "info_reward_ctrl"}),
        ("Go1JoystickFlatTerrain-v1", {"info_reward_tracking_lin_vel", "info_reward_pose", "info_reward_energy"}),
    ],
)
def test_what_tells_the_reward_is_hidden(env: str, hidden: set[str]) -> None:
    pytest.importorskip("envpool")
    facts, spec, _ = opened(parse(f"envpool:{env}"))
    assert hidden <= {field.name for field in facts.hidden}
    assert not [field.name for field in facts.fields if "reward" in field.name]
    assert spec.observation_size > 10
    assert any("by EnvPool" in note for note in facts.notes)


def test_the_nearest_names_are_said() -> None:
    pytest.importorskip("envpool")
    with pytest.raises(UsageError, match="EnvPool has no environment 'CartPol-v1'") as caught:
        load_pack("envpool:CartPol-v1")
    assert "CartPole-v1" in caught.value.remedy
