"""The limit does the same work as the training: a recording played again ends in the same states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoreward.bench.recording import Recorder, Recording
from autoreward.environment import vector_env
from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import draw_actions, draw_noise
from autoreward.environment.simulation.model import load_model

ITERATIONS, STEPS, BATCHES = 3, 40, (4, 2)


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hoppers of different masses in two batches under random actions, which fall and start anew."""
    recorder = Recorder()
    monkeypatch.setattr(vector_env, "CSimulation", recorder.simulation)
    batches = [vector_env.VectorEnv(load_pack("hopper"), size) for size in BATCHES]
    rng = np.random.default_rng(1)
    masses = load_model(load_pack("hopper")).body_mass
    for env in batches:
        heavier = masses * rng.uniform(1.0, 1.5, (env.num_envs, 1))
        env._simulation.set_parameters({"body_mass": heavier})
        env.reset(draw_noise(rng, env.num_envs, env.noise_size))
    ends = 0
    for _ in range(ITERATIONS):
        for env in batches:
            rollout = env.new_rollout(STEPS)
            for t in range(STEPS):
                action = draw_actions(rng, env.actions, env.num_envs)
                env.step(action, rollout, t, draw_noise(rng, env.num_envs, env.noise_size))
            ends += int(rollout.ended.sum())
        recorder.end_of_iteration()
    assert ends > 0
    file = tmp_path / "recording.npz"
    recorder.write(file, warm=1)
    return file


def test_the_replay_ends_in_the_recorded_states(recording: Path) -> None:
    played = Recording(recording, load_model(load_pack("hopper")))
    assert played.warm == 1
    assert len(list(played.iterations())) == ITERATIONS


def test_other_work_is_noticed(recording: Path, tmp_path: Path) -> None:
    with np.load(recording) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["ctrl"][2 * STEPS - 1] *= 0.5  # the last step of an iteration: nobody has fallen and started anew since
    changed = tmp_path / "changed.npz"
    np.savez(changed, **arrays)
    played = Recording(changed, load_model(load_pack("hopper"))).iterations()
    next(played)
    with pytest.raises(AssertionError, match="iteration 1 ended in another state"):
        next(played)


def test_batches_that_are_not_in_step_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    monkeypatch.setattr(vector_env, "CSimulation", recorder.simulation)
    one, _ = (vector_env.VectorEnv(load_pack("hopper"), 2) for _ in range(2))
    rng = np.random.default_rng(1)
    one.reset(draw_noise(rng, 2, one.noise_size))
    one.step(draw_actions(rng, one.actions, 2), one.new_rollout(1), 0, draw_noise(rng, 2, one.noise_size))
    with pytest.raises(AssertionError, match=r"have taken \[0, 1\] steps"):
        recorder.end_of_iteration()
