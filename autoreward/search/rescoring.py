"""All that a run has trained, measured anew by another metric, without training.

Evaluation episodes are not stored whole: those of 8 candidates x 5 generations x 3 seeds take 216 MB of hopper, and
1.8 GB of humanoid. The policies are, so their episodes are played again, a training at a time and in its order: then
they are the same bit by bit (see `Trainer.replay`), which is looked at for each policy. Training episodes were never
stored; how they would have been measured is not known, and their success is left empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from autoreward.errors import StorageError
from autoreward.ledger.recordings import (
    read_final_recordings,
    read_recordings,
    write_final_recordings,
    write_recordings,
)
from autoreward.ledger.run import version_prefix
from autoreward.recordings import MemberRecording
from autoreward.records import (
    CompiledMetric,
    MemberResult,
    MemberSpec,
    RewardSpec,
    TrainingJob,
    TrainingResult,
    Verdict,
)
from autoreward.search.events import RESCORED, TRAINING, VERDICT
from autoreward.search.final_evaluation import HUMAN, SPARSE
from autoreward.search.leaderboard import is_final, read_leaderboard
from autoreward.search.session import Session
from autoreward.views import NoteEvent


class Measures(NamedTuple):
    """What a job measures episodes by."""

    metric: CompiledMetric
    subtasks: Mapping[str, CompiledMetric]  # by name


Recorded = Mapping[tuple[str, int], MemberRecording]  # by candidate and seed
MEASURED = ("success", "progress", "length", "subtasks")  # what a replay tells of a member


def rescore(session: Session, version: int, measures: Measures) -> None:
    """Measure every training of a run anew, each once; nothing else reads the results until this version is chosen.

    Args:
        version: the revision that the metric is.
        measures: the metric and its subtasks.

    Raises:
        StorageError: the run does not keep the policies of a training.
        EnvironmentFailedError: they cannot be played.
    """
    events = list(session.run.events(TRAINING))
    for number, event in enumerate(events):
        session.report_progress(stage="measuring anew", done=number, total=len(events), counted="trainings")
        trained = event.record(TrainingResult)
        replay = partial(_rescore_training, session, version, measures, trained)
        result = session.run.once(RESCORED, f"{version_prefix(version)}{event.key}", TrainingResult, replay)
        for note in result.notes:
            session.on_event(NoteEvent(text=note))


def _rescore_training(session: Session, version: int, measures: Measures, trained: TrainingResult) -> TrainingResult:
    recorded = _read(session, trained)
    kept = [recorded[one.candidate, one.seed] for one in trained.members if (one.candidate, one.seed) in recorded]
    if not kept:
        return trained.model_copy(update={"env_steps": 0, "evaluation_steps": 0, "notes": ()})
    policies = tuple(MemberRecording(one.candidate, one.seed, policy=one.policy) for one in kept)
    job = _replay_job(session, measures, trained, policies)
    result, replayed = session.worker.replay(job, policies)
    anew = {(one.candidate, one.seed): one for one in replayed}
    _write(session, version, [_joined(recorded[key], one) for key, one in anew.items()], trained)
    measured = {(one.candidate, one.seed): one for one in result.members}
    members = [_merged(one, measured.get((one.candidate, one.seed))) for one in trained.members]
    # A sparse policy was paid what the metric before called progress: it says nothing of this one.
    members = [one for one in members if one.candidate != SPARSE]
    return result.model_copy(update={"members": tuple(members), "notes": tuple(_deviations(trained.job, kept, anew))})


def _read(session: Session, trained: TrainingResult) -> Recorded:
    """What the members of a training recorded, those of them whose policies are kept."""
    names = dict.fromkeys((one.candidate, is_final(one)) for one in trained.members if one.env_steps)
    found: list[MemberRecording] = []
    for name, final in names:
        parts = read_final_recordings(session.run, name) if final else _read_candidate(session, name)
        found += [one for one in parts if one.policy]
        if not any(one.policy for one in parts):
            raise StorageError(
                f"{session.run.id}: the policies of {name} are not kept, so they cannot be measured anew.",
                "Was a file removed, or the run made by an older version? A new run can have the metric (--metric).",
            )
    return {(one.candidate, one.seed): one for one in found}


def _read_candidate(session: Session, name: str) -> tuple[MemberRecording, ...]:
    """A candidate's recordings, but for its trajectories, which are made anew."""
    return read_recordings(session.run, name, ["curves", "clip", "policy"])


def _replay_job(
    session: Session, measures: Measures, trained: TrainingResult, policies: Iterable[MemberRecording]
) -> TrainingJob:
    members = tuple(MemberSpec(candidate=one.candidate, seed=one.seed) for one in policies)
    rewards = {name: _reward_of(session, name) for name in dict.fromkeys(one.candidate for one in members)}
    job = session.training.job(trained.job, rewards, ())
    return job.model_copy(update={"members": members, "population_size": len(members), **measures._asdict()})


def _reward_of(session: Session, name: str) -> RewardSpec:
    if name == SPARSE:
        return RewardSpec(kind="sparse")
    if name == HUMAN:
        verdict = session.run.get(VERDICT, HUMAN, Verdict)
        return RewardSpec(kind="program", compiled=verdict.reward if verdict else None)
    entry = read_leaderboard(session.run).find(name)
    assert entry is not None and entry.verdict is not None  # it was trained
    return session.training.reward_of(entry.verdict)


def _merged(before: MemberResult, measured: MemberResult | None) -> MemberResult:
    """The member with what the replay tells; one without a policy stays as it was, it has failed."""
    if measured is None:
        return before
    return before.model_copy(update={name: getattr(measured, name) for name in MEASURED})


def _joined(before: MemberRecording, anew: MemberRecording) -> MemberRecording:
    """The recording with its evaluation made anew; how training episodes would be measured is not known."""
    curves, episodes = before.curves, before.episodes
    if curves is not None:
        unknown = np.full_like(curves.success, np.nan)
        curves = replace(curves, success=unknown, progress=unknown)
    if episodes is not None:
        unknown = np.full_like(episodes.success, np.nan)
        episodes = replace(episodes, success=unknown, progress=unknown)
    terms = before.term_names or anew.term_names
    return replace(anew, term_names=terms, curves=curves, episodes=episodes, policy=before.policy)


def _write(session: Session, version: int, recordings: list[MemberRecording], trained: TrainingResult) -> None:
    finals = {one.candidate for one in trained.members if is_final(one)}
    for name in dict.fromkeys(one.candidate for one in recordings):
        if name in finals:
            write_final_recordings(session.run, name, recordings, version)
        else:  # their policies stay where they are
            write_recordings(session.run, name, [replace(one, policy={}) for one in recordings], version)


def _deviations(job: str, kept: Iterable[MemberRecording], anew: Recorded) -> list[str]:
    """That policies have moved in another way than when they were measured first, if any has."""
    moved = [f"{one.candidate} (seed {one.seed})" for one in kept if _differs(one, anew[one.candidate, one.seed])]
    if not moved:
        return []
    return [
        f"{job}: played again, {', '.join(moved)} moved in another way than when measured first (another machine, or "
        "other versions); what counts is how they move now."
    ]


def _differs(before: MemberRecording, anew: MemberRecording) -> bool:
    """Whether an episode has another length, or the first one another movement."""
    lengths = [one.evaluation.length for one in (before, anew) if one.evaluation is not None]
    clips = [one.clips["first"] for one in (before, anew) if "first" in one.clips]
    pairs = [pair for pair in (lengths, clips) if len(pair) == 2]
    return any(not np.array_equal(first, second) for first, second in pairs)
