"""A search whose policies learn off-policy: the same run, the same export, and nothing left of its learners."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from autoreward import api
from autoreward.ledger import Run, list_runs
from autoreward.ledger.recordings import read_recordings
from autoreward.records import OffPolicySettings, TrainingJob, TrainingResult
from autoreward.search.events import TRAINING
from autoreward.search.session import CHECKPOINTS, Session
from autoreward.trainer.progress import OnProgress
from tests.search.test_loop import design, tiny

pytest.importorskip("stable_baselines3", reason="the extra sb3 is not installed")
pytestmark = pytest.mark.usefixtures("warm")

SMALL = {
    "learner_envs": 2, "train_freq": 32, "updates_per_step": 0.25, "learning_starts": 32, "buffer_size": 512,
    "batch_size": 16, "net_arch": [8],
}  # fmt: skip


def test_a_search_with_sac_ends_in_an_export_that_needs_no_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[TrainingJob] = []
    train = Session.train

    def noted(session: Session, job: TrainingJob, on_progress: OnProgress) -> object:
        jobs.append(job)
        assert (session.run.path / CHECKPOINTS).parent == session.run.path
        return train(session, job, on_progress)

    monkeypatch.setattr(Session, "train", noted)
    settings = tiny(tmp_path, algo="sac", n_timesteps=64, candidates=1, generations=1, final_seeds=1, **SMALL)
    assert settings.off_policy == OffPolicySettings.model_validate(SMALL)
    view = design(settings)
    assert {job.algo for job in jobs} == {"sac"}
    (path,) = list_runs(tmp_path / "runs")
    with Run.open(path, write=False) as run:
        trained = run.get(TRAINING, "g00", TrainingResult)
        (recording, *_) = read_recordings(run, "g00c00", ["policy"])
    assert trained is not None and {one.env_steps for one in trained.members} == {64}
    assert recording.policy["relu"] == 1.0 and recording.policy["squashed"] == 1.0
    assert not list((path / CHECKPOINTS).iterdir())
    api.export(view.folder, tmp_path / "best_by_sac")
    monkeypatch.syspath_prepend(str(tmp_path))
    policy = importlib.import_module("best_by_sac.policy").Policy()
    with np.load(tmp_path / "best_by_sac" / "policy.npz") as numbers:
        observation = np.ones((1, 4), np.float32)
        x = np.clip((observation - numbers["observation_mean"]) / np.sqrt(numbers["observation_var"] + 1e-8), -10, 10)
        hidden = np.maximum(x @ numbers["weights_0"] + numbers["bias_0"], 0.0)
        expected = np.tanh(hidden @ numbers["weights_1"] + numbers["bias_1"]) * numbers["action_high"]
    np.testing.assert_allclose(policy(observation), expected, atol=1e-5)
