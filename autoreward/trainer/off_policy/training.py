"""An off-policy job, from its members to their results and recordings; measured as PPO's policies are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import numpy as np

from autoreward.environment.pack import Pack
from autoreward.recordings import MemberRecording, Recordings
from autoreward.records import MemberResult, TrainingJob, TrainingResult
from autoreward.trainer.deadlines import Deadlines
from autoreward.trainer.off_policy.learners import Learners, Outcome
from autoreward.trainer.population.candidate_members import unweighted_terms
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.measurement import Measurement, Measures, evaluate_policies
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.replay import stack_policies
from autoreward.trainer.population.reward_functions import make_reward
from autoreward.trainer.progress import OnProgress


def train_off_policy(
    job: TrainingJob, pack: Pack, gamma: float, programs: PopulationPrograms, measures: Measures, guard: Guard,
    on_progress: OnProgress | None, deadlines: Deadlines,
) -> tuple[TrainingResult, Recordings]:  # fmt: skip
    """Train and evaluate every member of a job; freed slots stay empty.

    Args:
        gamma: discount.
        programs: that call policies of this kind.

    Raises:
        EnvironmentFailedError: the environment failed in every member.
        ProgramFailed: a candidate's program raised on its evaluation episodes.
    """
    started = time.monotonic()
    learners = Learners(job, gamma, deadlines, on_progress, started)
    with guard.stage("learning"):
        outcomes = learners.run()
    trained = [one for one in outcomes if one.recording is not None and _is_finite(one.recording)]
    members = [_failed(one) for one in outcomes if one not in trained]
    recordings: list[MemberRecording] = []
    evaluation_steps = 0
    if trained:
        order = {name: place for place, name in enumerate(job.rewards)}
        trained.sort(key=lambda one: (order[one.member.candidate], one.member.seed))
        policies = [one.recording for one in trained if one.recording is not None]
        with guard.stage("evaluation"):
            seeds = [one.member.seed for one in trained]
            measurement = evaluate_policies(job, pack, stack_policies(policies), seeds, programs, measures)
        evaluation_steps = measurement.env_steps
        members = [_result(measurement, one, slot) for slot, one in enumerate(trained)] + members
        recordings = _recorded(job, measurement, policies, gamma, guard)
    result = TrainingResult(
        job=job.id,
        members=tuple(members),
        env_steps=sum(one.env_steps for one in outcomes),
        evaluation_steps=evaluation_steps,
        seconds=time.monotonic() - started,
        first_update_seconds=learners.first_update,
        randomised=pack.randomise,
        notes=tuple(dict.fromkeys(remark for one in outcomes for remark in one.remarks)),
    )
    return result, tuple(recordings)


def _result(measurement: Measurement, outcome: Outcome, slot: int) -> MemberResult:
    measured = measurement.measure_member(outcome.member.candidate, outcome.member.seed, slot)
    return measured.model_copy(
        update={
            "status": "failed" if outcome.failure else "trained",
            "finding": outcome.failure,
            "own_return": outcome.best_return,
            "env_steps": outcome.env_steps,
            "diverged": outcome.diverged,
        }
    )


def _failed(outcome: Outcome) -> MemberResult:
    return MemberResult(
        candidate=outcome.member.candidate,
        seed=outcome.member.seed,
        status="failed",
        finding=outcome.failure,
        env_steps=outcome.env_steps,
        diverged=outcome.diverged,
    )


def _recorded(
    job: TrainingJob, measurement: Measurement, policies: Sequence[MemberRecording], gamma: float, guard: Guard
) -> list[MemberRecording]:
    """The recordings with their evaluation; those of one candidate stand together."""
    recordings: list[MemberRecording] = []
    for name in dict.fromkeys(one.candidate for one in policies):
        own = [slot for slot, one in enumerate(policies) if one.candidate == name]
        with guard.stage("recording", name):
            reward = make_reward(job.rewards[name], gamma)
            learned = [policies[slot] for slot in own]
            recordings += measurement.record(learned, own[0], partial(unweighted_terms, reward))
    return recordings


def _is_finite(recording: MemberRecording) -> bool:
    return all(bool(np.isfinite(array).all()) for array in recording.policy.values())
