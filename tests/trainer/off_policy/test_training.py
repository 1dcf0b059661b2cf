"""Off-policy jobs through the same seam as PPO: results, recordings, failures that stay their own, going on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autoreward.errors import EnvironmentFailedError
from autoreward.recordings import MemberRecording
from autoreward.records import MemberSpec, TrainingJob
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.deadlines import Deadlines
from autoreward.trainer.population.trainer import Trainer
from autoreward.trainer.progress import Progress
from tests.trainer.conftest import Compiled, recorded
from tests.trainer.test_client import compile_program, spin

MakeJob = Callable[..., TrainingJob]


@pytest.mark.thorough
def test_members_are_measured_and_recorded_as_those_of_ppo_are(
    off_policy_job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    job = off_policy_job({"alive": compiled.alive, "sparse": None})
    told: list[Progress] = []
    result, recordings = trainer.train(job, told.append)
    assert [(one.candidate, one.status, one.env_steps) for one in result.members] == [
        ("alive", "trained", 128),
        ("sparse", "trained", 128),
    ]
    assert result.env_steps == 256 and told[-1].env_steps == 256
    assert all(one.success is not None for one in result.members)
    alive = recorded(recordings, "alive", 0)
    assert alive.term_names == ("alive", "still") and alive.curves is not None and alive.evaluation is not None
    assert alive.curves.env_steps.tolist() == [32, 64, 96, 128]
    assert alive.trajectories and alive.clips
    again, replayed = trainer.replay(
        job.model_copy(update={"members": tuple(MemberSpec(candidate=o.candidate, seed=0) for o in recordings)}),
        tuple(MemberRecording(one.candidate, one.seed, policy=one.policy) for one in recordings),
    )
    assert [one.success for one in again.members] == [one.success for one in result.members]
    np.testing.assert_array_equal(recorded(replayed, "alive", 0).evaluation.length, alive.evaluation.length)  # type: ignore[union-attr]


@pytest.mark.thorough
def test_a_program_that_raises_costs_the_others_nothing(off_policy_job: MakeJob, compiled: Compiled) -> None:
    broken = compiled.alive.model_copy(update={"program": b"no program at all"})
    job = off_policy_job({"broken": broken, "alive": compiled.alive})
    result, recordings = Trainer().train(job)
    by_candidate = {one.candidate: one for one in result.members}
    assert by_candidate["alive"].status == "trained" and by_candidate["alive"].env_steps == 128
    rules = {name: one.finding.rule for name, one in by_candidate.items() if one.finding}
    assert rules == {"broken": "training.program_raises"}
    assert {one.candidate for one in recordings} == {"alive"}


def test_an_environment_that_fails_every_member_ends_the_training(off_policy_job: MakeJob, compiled: Compiled) -> None:
    job = off_policy_job({"alive": compiled.alive}).model_copy(update={"algo": "dqn"})
    with pytest.raises(EnvironmentFailedError, match="dqn"):
        Trainer().train(job)


@pytest.mark.thorough
def test_a_finished_member_is_not_trained_again(
    off_policy_job: MakeJob, compiled: Compiled, trainer: Trainer, tmp_path: Path
) -> None:
    job = off_policy_job({"alive": compiled.alive}).model_copy(update={"checkpoints": str(tmp_path)})
    first, _ = trainer.train(job)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert [path.name for path in written] == ["alive-0.npz"]
    longer = job.model_copy(update={"n_timesteps": 160})
    assert trainer.train(job)[0].members == first.members
    assert trainer.train(longer)[0].members[0].env_steps == 160  # of another training: begun anew


@pytest.mark.thorough
def test_the_worker_trains_off_policy_and_sends_notes_and_recordings(
    off_policy_job: MakeJob, compiled: Compiled
) -> None:
    job = off_policy_job({"alive": compiled.alive}, n_timesteps=64)
    with TrainerWorker() as worker:
        worker.prepare(job)  # nothing to prepare, and nothing breaks
        result, recordings = worker.train(job)
    assert result.members[0].status == "trained"
    assert {"weights_0", "weights_2", "relu", "squashed"} <= recorded(recordings, "alive", 0).policy.keys()


def test_members_of_a_seed_share_their_steps_and_one_that_fails_does_not_hold_the_others_up(
    off_policy_job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    broken = compiled.alive.model_copy(update={"program": b"no program at all"})
    job = off_policy_job({"alive": compiled.alive, "broken": broken, "sparse": None}, n_timesteps=64)
    result, _ = trainer.train(job.model_copy(update={"share_experience": True}))
    assert [one.status for one in result.members] == ["trained", "trained", "failed"]
    assert [one.env_steps for one in result.members[:2]] == [64, 64]


@pytest.mark.thorough
def test_a_program_that_hangs_is_ended_and_the_others_share_on(off_policy_job: MakeJob, compiled: Compiled) -> None:
    job = off_policy_job({"alive": compiled.alive, "hanging": compile_program(spin)}, n_timesteps=64)
    shared = job.model_copy(update={"share_experience": True})
    result, _ = Trainer(deadlines=Deadlines(program=60.0, stage=600.0)).train(shared)
    (alive, hanging) = result.members
    assert alive.status == "trained" and alive.env_steps == 64
    assert hanging.finding is not None and hanging.finding.rule == "training.program_hangs"
