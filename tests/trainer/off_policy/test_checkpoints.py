"""A file that holds where a learner stands: what does not fit is no checkpoint, and nothing in it is a program."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np

from autoreward.records import MemberSpec, RewardSpec, TrainingJob
from autoreward.trainer.off_policy.checkpoints import checkpoint_file, fingerprint, read_checkpoint, write_checkpoint

MEMBER = MemberSpec(candidate="../a b", seed=3)
JOB = TrainingJob(
    id="g00", env="hopper", task=None, members=(MEMBER,), rewards={"../a b": RewardSpec(kind="sparse")}, metric=None,
    n_timesteps=100, seed=0, population_size=1, algo="sac", checkpoints="/somewhere",
)  # fmt: skip


def test_what_was_written_comes_back_part_by_part(tmp_path: Path) -> None:
    file = tmp_path / "new" / "one.npz"
    write_checkpoint(file, "mark", {"a": {"x/y": np.arange(3)}, "b": {"x": np.ones(2)}})
    state = read_checkpoint(file, "mark")
    assert state is not None and state["a"]["x/y"].tolist() == [0, 1, 2] and state["b"]["x"].tolist() == [1.0, 1.0]
    assert [path.name for path in file.parent.iterdir()] == ["one.npz"]


def test_another_training_and_a_broken_file_are_no_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "one.npz"
    assert read_checkpoint(file, "mark") is None
    write_checkpoint(file, "mark", {"a": {"x": np.ones(1)}})
    assert read_checkpoint(file, "another") is None
    file.write_bytes(file.read_bytes()[:50])
    assert read_checkpoint(file, "mark") is None


def test_a_pickle_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "one.npz"
    file.write_bytes(pickle.dumps({"a": 1}))
    assert read_checkpoint(file, "mark") is None
    np.savez(file, mark=np.frombuffer(b"mark", np.uint8), **{"a/x": np.array([{"an": "object"}], dtype=object)})
    assert read_checkpoint(file, "mark") is None


def test_the_name_of_a_candidate_leads_nowhere_else_and_all_that_matters_is_in_the_mark() -> None:
    file = checkpoint_file(JOB, MEMBER)
    assert file is not None and file.parent == Path("/somewhere") and "/" not in file.name
    assert checkpoint_file(JOB.model_copy(update={"checkpoints": None}), MEMBER) is None
    marks = {
        fingerprint(JOB.model_copy(update=update), MEMBER) for update in ({}, {"n_timesteps": 101}, {"algo": "td3"})
    }
    assert len(marks) == 3
