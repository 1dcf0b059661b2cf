"""From what the members of a candidate recorded to one analysis. Pure: no files, no clock, no chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from autoreward.analyzer.correlation import correlation
from autoreward.analyzer.end_states import end_states
from autoreward.analyzer.evidence import Evidence
from autoreward.analyzer.family import Family
from autoreward.analyzer.parent import compare_with_parent
from autoreward.analyzer.recordings import CandidateRecordings, finite_mean
from autoreward.analyzer.symptoms import symptoms_of
from autoreward.analyzer.terms import term_reports
from autoreward.analyzer.trajectories import trajectory_tables
from autoreward.intervals import interval
from autoreward.recordings import MemberRecording
from autoreward.records import Analysis, CurvePoint, EnvSpec, Finding, Fitness, MemberResult, SeedOutcome

POINTS = 10  # of a training curve
QUANTITIES = ("success", "progress", "own_return", "length")


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
        ends=end_states(own, env),
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


def training_curve(recordings: CandidateRecordings, n_timesteps: int) -> tuple[CurvePoint, ...]:
    """Splits training into equal parts; each seed gives its mean over a part, a point is the mean of those.

    Args:
        recordings: with training curves.
        n_timesteps: environment steps of one member.

    Returns:
        One point for each part in which any seed finished a rollout, at the end of the part.
    """
    steps = [curves.env_steps for curves in recordings.all_curves]
    if not steps:
        return ()
    parts = min(POINTS, max(len(array) for array in steps))
    ends = np.ceil(np.linspace(0, max(n_timesteps, max(array[-1] for array in steps)), parts + 1))
    return tuple(
        _point(recordings, start, end)
        for start, end in pairwise(ends.tolist())
        if any(((array > start) & (array <= end)).any() for array in steps)
    )


def _point(recordings: CandidateRecordings, start: float, end: float) -> CurvePoint:
    means = {name: _mean_over_seeds(recordings, name, start, end) for name in QUANTITIES}
    return CurvePoint(env_steps=int(end), **means)


def _mean_over_seeds(recordings: CandidateRecordings, name: str, start: float, end: float) -> float | None:
    means = []
    for member in recordings.members:
        curves = recordings.curves(member.seed)
        if curves is not None:
            values = getattr(curves, name)
            means.append(finite_mean(values[(curves.env_steps > start) & (curves.env_steps <= end)]))
    return finite_mean(np.array([mean for mean in means if mean is not None], np.float64))
