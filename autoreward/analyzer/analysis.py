"""From what the members of a candidate recorded to one analysis. Pure: no files, no clock, no chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from autoreward.analyzer.correlation import correlation
from autoreward.analyzer.curves import training_curve
from autoreward.analyzer.evidence import Evidence
from autoreward.analyzer.family import Family
from autoreward.analyzer.parent import compare_with_parent
from autoreward.analyzer.recordings import CandidateRecordings, finite_mean
from autoreward.analyzer.symptoms import symptoms_of
from autoreward.analyzer.terms import term_reports
from autoreward.analyzer.trajectories import trajectory_tables
from autoreward.intervals import interval
from autoreward.recordings import MemberRecording
from autoreward.records import Analysis, EnvSpec, Finding, Fitness, MemberResult, SeedOutcome


def analyze(
    candidate: str,
    weights: Mapping[str, float],
    members: Sequence[MemberResult],
    recordings: Iterable[MemberRecording],
    env: EnvSpec,
    n_timesteps: int,
    family: Family | None = None,
) -> Analysis:
    """What happened while one candidate trained.

    Args:
        candidate: its id; members and recordings of other candidates are left out.
        weights: its terms in program order; empty where it has none (a sparse reward).
        members: results of the population.
        recordings: of the population.
        env: field declarations, horizon, control period.
        n_timesteps: environment steps of one member.
        family: its parent and the earlier candidates; None where it stands alone.
    """
    own = CandidateRecordings.of_candidate(candidate, members, recordings, tuple(weights))
    curve = training_curve(own, n_timesteps)
    terms = term_reports(own, weights, curve)
    trajectories = trajectory_tables(own, env, terms)
    return Analysis(
        candidate=candidate,
        fitness=_fitness(own, "success"),
        progress=_fitness(own, "progress"),
        curve=curve,
        terms=terms,
        total_correlation=correlation(own.episodes.own_return, own.episodes.success),
        episode_length=_episode_length(own),
        symptoms=symptoms_of(Evidence(own, terms, env, family, trajectories)),
        trajectories=trajectories,
        findings=_said(own, "failed"),
        stopped=next((finding.message for finding in _said(own, "stopped")), None),
        by_seed=_by_seed(own),
        progress_correlation=correlation(own.episodes.own_return, own.episodes.progress),
        comparison=compare_with_parent(family.own, family.parent, n_timesteps) if family and family.parent else None,
    )


def _said(recordings: CandidateRecordings, status: str) -> tuple[Finding, ...]:
    """The findings of the members that ended so."""
    ended = (member.finding for member in recordings.members if member.status == status)
    return tuple(finding for finding in ended if finding is not None)


def _fitness(recordings: CandidateRecordings, quantity: str) -> Fitness | None:
    values = {member.seed: getattr(member, quantity) for member in recordings.trained}
    measured = {seed: float(value) for seed, value in values.items() if value is not None}
    evaluated = (recordings.evaluation(seed) for seed in measured)
    return interval(list(measured.values()), sum(len(part.success) for part in evaluated if part is not None))


def _by_seed(recordings: CandidateRecordings) -> tuple[SeedOutcome, ...]:
    """The seeds that were measured, each with its shortest and longest evaluation episode."""
    outcomes = []
    for member in recordings.trained:
        if member.success is not None:
            evaluation = recordings.evaluation(member.seed)
            lengths = evaluation.length if evaluation is not None and len(evaluation.length) else None
            outcomes.append(
                SeedOutcome(
                    seed=member.seed,
                    success=member.success,
                    progress=member.progress,
                    length=member.length,
                    shortest=None if lengths is None else float(lengths.min()),
                    longest=None if lengths is None else float(lengths.max()),
                )
            )
    return tuple(outcomes)


def _episode_length(recordings: CandidateRecordings) -> float | None:
    lengths = [member.length for member in recordings.trained if member.length is not None]
    return finite_mean(np.array(lengths, np.float64))
