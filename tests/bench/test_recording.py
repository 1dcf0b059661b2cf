"""The limit does the same work as the training: a recording played again ends in the same states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoreward.bench.recording import Recorder, Recording
from autoreward.physics import vector_env
from autoreward.physics.random_rollout import draw_noise, random_actions
from autoreward.tasks.pack import load_pack, model_of

ITERATIONS, STEPS, ENVS = 3, 40, 6


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hoppers under random actions, which fall and start anew."""
    recorder = Recorder()
    monkeypatch.setattr(vector_env, "CSimulation", recorder.simulation)
    env = vector_env.VectorEnv(load_pack("hopper"), ENVS)
    rng = np.random.default_rng(1)
    env.reset(draw_noise(rng, ENVS, env.noise_size))
    ends = 0
    for _ in range(ITERATIONS):
        slab = env.new_slab(STEPS)
        for t in range(STEPS):
            env.step(random_actions(rng, env.actions, ENVS), slab, t, draw_noise(rng, ENVS, env.noise_size))
        ends += int(slab.ended.sum())
        recorder.end_of_iteration()
    assert ends > 0
    file = tmp_path / "recording.npz"
    recorder.write(file, warm=1)
    return file


def test_the_replay_ends_in_the_recorded_states(recording: Path) -> None:
    played = Recording(recording, model_of(load_pack("hopper")))
    assert played.warm == 1
    assert len(list(played.iterations())) == ITERATIONS


def test_other_work_is_noticed(recording: Path, tmp_path: Path) -> None:
    with np.load(recording) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["0/ctrl"][STEPS + 3] *= 0.5
    changed = tmp_path / "changed.npz"
    np.savez(changed, **arrays)
    played = Recording(changed, model_of(load_pack("hopper"))).iterations()
    next(played)
    with pytest.raises(AssertionError, match="iteration 1 ended in another state"):
        next(played)
