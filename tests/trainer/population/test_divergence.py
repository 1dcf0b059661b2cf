"""A simulation that really diverges, because a motor is absurdly strong: it is marked, and stays its own affair."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoreward.environment.pack import load_pack, packs_directory
from autoreward.environment.random_rollout import draw_actions, draw_noise
from autoreward.environment.randomised_ranges import read_ranges
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.errors import EnvironmentFailedError
from autoreward.records import RewardSpec, TrainingJob
from autoreward.trainer.population.reward_functions import ProgramReward
from autoreward.trainer.population.trainer import Trainer
from tests.trainer.conftest import Compiled, recorded

MakeJob = Callable[..., TrainingJob]

ABSURD = dict(quantity="gain", of="all", scale=(1.0, 1e12))
ENVS, STEPS = 3, 12


def play(drawn: tuple[float, ...]) -> tuple[VectorEnv, Rollout]:
    """A rollout in which each simulation has its own strength: 0 is the model's, 1 the absurd one."""
    pack = replace(load_pack("inverted_pendulum"), randomise=read_ranges((ABSURD,), "pendulum"))
    env = VectorEnv(pack, ENVS, num_threads=2)
    env.randomise(np.array(drawn)[:, None])
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, ENVS, env.noise_size))
    rollout = env.new_rollout(STEPS)
    for t in range(STEPS):
        env.step(draw_actions(rng, env.actions, ENVS), rollout, t, draw_noise(rng, ENVS, env.noise_size))
    env.finish(rollout)
    return env, rollout


def test_it_ends_its_episode_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: Compiled) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes a log file
    env, rollout = play((0.0, 1.0, 0.0))
    _, sound = play((0.0, 0.0, 0.0))
    assert rollout.diverged[:, 1].all() and not rollout.diverged[:, [0, 2]].any()
    assert rollout.truncated[:, 1].all() and not rollout.terminated[:, 1].any()
    np.testing.assert_array_equal(rollout.elapsed[:, 1], 0)  # each episode is over with its first step
    for name in ("before", "after"):
        for key, array in getattr(rollout, name).items():
            np.testing.assert_array_equal(array[:, [0, 2]], getattr(sound, name)[key][:, [0, 2]])
            assert np.isfinite(array).all()
    reward = ProgramReward(RewardSpec(kind="program", compiled=compiled.alive), 0.99)
    rewards = reward.compute_step_rewards(
        env.fields(rollout, after=False), rollout.action, env.fields(rollout, after=True)
    )
    assert np.isfinite(rewards.reward).all()
    np.testing.assert_array_equal(rewards.terms[:, 1, 0], 1.0)  # "alive" is 1 - terminated: a crash is no death


@pytest.mark.thorough
def test_every_diverged_episode_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: MakeJob, compiled: Compiled
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "inverted_pendulum"
    shutil.copytree(packs_directory() / "inverted_pendulum", folder)
    with (folder / "pack.py").open("a") as file:
        file.write(f"\nRANDOMISE = ({ABSURD!r},)\n")
    asked = job({"a": compiled.alive, "b": compiled.centred}).model_copy(update={"env_path": str(folder)})
    trainer = Trainer()
    result, recordings = trainer.train(asked)
    for member in result.members:
        assert (member.status, member.diverged) == ("trained", 1024)  # one episode a step
    np.testing.assert_array_equal(recorded(recordings, "a", 0).episodes.length, 1)
    np.testing.assert_array_equal(recorded(recordings, "a", 0).episodes.terminated, 0.0)  # cut, not ended
    alive, still = recorded(recordings, "a", 0).episodes.term_sums.T
    np.testing.assert_allclose(recorded(recordings, "a", 0).episodes.own_return, alive - 0.1 * still, rtol=1e-5)
    assert [member.length for member in result.members] == [1.0] * 4
    assert [one.quantity for one in result.randomised] == ["gain"]
    sound, _ = trainer.train(job({"a": compiled.alive, "b": compiled.centred}))
    assert [member.diverged for member in sound.members] == [0] * 4
    assert sound.randomised == ()


def test_an_observation_that_is_not_finite_is_the_environments_failure(
    tmp_path: Path, job: MakeJob, compiled: Compiled
) -> None:
    pack = tmp_path / "fragile"
    shutil.copytree(packs_directory() / "inverted_pendulum", pack)
    with (pack / "pack.py").open("a") as file:
        file.write(
            "\n\nsound = observation\n\n\ndef observation(xp, data, memory):\n"
            "    seen = sound(xp, data, memory)\n"
            "    return xp.where(xp.abs(data.qpos[..., 1:2]) > 0.1, xp.nan, seen)\n"
        )
    asked = job({"a": compiled.alive}).model_copy(update={"env_path": str(pack)})
    with pytest.raises(
        EnvironmentFailedError, match=r"observation is not finite in training \(entries \[0, 1, 2, 3\]\)"
    ):
        Trainer().train(asked)
