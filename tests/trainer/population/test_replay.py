"""Policies that were kept play the very episodes again by which they were measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from autoreward.recordings import MemberRecording, Recordings, flatten
from autoreward.records import MemberSpec, Rung, TrainingJob, TrainingResult
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.population.trainer import Trainer
from tests.thorough import every
from tests.trainer.conftest import Compiled

MakeJob = Callable[..., TrainingJob]
REPLAYED = ("evaluation", "trajectories", "clips", "paths")


def policies_of(result: TrainingResult, recordings: Recordings) -> tuple[MemberRecording, ...]:
    by_member = {(one.candidate, one.seed): one for one in recordings}
    kept = [by_member[member.candidate, member.seed] for member in result.members]
    return tuple(MemberRecording(one.candidate, one.seed, policy=one.policy) for one in kept)


def again(job: TrainingJob, policies: Recordings) -> TrainingJob:
    members = tuple(MemberSpec(candidate=one.candidate, seed=one.seed) for one in policies)
    return job.model_copy(update={"members": members, "population_size": len(members), "rungs": ()})


@pytest.mark.parametrize("rungs", every(2, [((Rung(at=0.5, keep=0.5),),), ((),)], ["halving", "whole"]))
def test_the_replay_gives_the_old_score_and_the_old_episodes_bit_by_bit(
    job: MakeJob, compiled: Compiled, trainer: Trainer, rungs: tuple[Rung, ...]
) -> None:
    asked = job({"a": compiled.alive, "b": None, "c": compiled.centred}, size=8).model_copy(update={"rungs": rungs})
    result, recordings = trainer.train(asked)
    policies = policies_of(result, recordings)
    assert len(policies) == 8  # the slots that were filled, too
    anew, replayed = trainer.replay(again(asked, policies), policies)
    measured = [(one.candidate, one.seed, one.success, one.progress, one.length) for one in result.members]
    assert [(one.candidate, one.seed, one.success, one.progress, one.length) for one in anew.members] == measured
    expected, found = flatten(map(evaluated, recordings)), flatten(map(evaluated, replayed))
    assert found.keys() == expected.keys() and len(found) > 50
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
    assert anew.env_steps == 0 and anew.evaluation_steps == result.evaluation_steps


def evaluated(recording: MemberRecording) -> MemberRecording:
    return replace(recording, curves=None, episodes=None, policy={})


def test_the_worker_replays_as_the_trainer_does(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    asked = job({"a": compiled.alive, "b": None})
    result, recordings = trainer.train(asked)
    policies = policies_of(result, recordings)
    with TrainerWorker() as worker:
        found, replayed = worker.replay(again(asked, policies), policies)
    expected, _ = trainer.replay(again(asked, policies), policies)
    assert found.members == expected.members
    assert [one.term_names for one in replayed] == [("alive", "still")] * 2 + [("progress",)] * 2
