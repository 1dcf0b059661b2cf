"""From what the members of a candidate recorded to one analysis. Pure: no files, no clock, no chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autoreward.analyzer.correlation import correlation
from autoreward.analyzer.curves import training_curve
from autoreward.analyzer.evidence import Evidence
from autoreward.analyzer.family import Family
from autoreward.analyzer.parent import compare_with_parent
from autoreward.analyzer.recordings import Recordings, finite_mean
from autoreward.analyzer.symptoms import symptoms_of
from autoreward.analyzer.terms import term_reports
from autoreward.analyzer.trajectories import trajectory_tables
from autoreward.intervals import interval
from autoreward.records import Analysis, EnvSpec, Finding, Fitness, MemberResult

if TYPE_CHECKING:
    from numpy.typing import NDArray


def analyze(
    candidate: str,
    weights: Mapping[str, float],
    members: Sequence[MemberResult],
    arrays: Mapping[str, NDArray[Any]],
    env: EnvSpec,
    n_timesteps: int,
    family: Family | None = None,
) -> Analysis:
    """What happened while one candidate trained.

    Args:
        candidate: its id; members and arrays of other candidates are left out.
        weights: its terms in program order; empty where it has none (a sparse reward).
        members: results of the population.
        arrays: recordings of the population, by "candidate/seed/name"; the names are in trainer/README.md.
        env: field declarations, horizon, control period.
        n_timesteps: environment steps of one member.
        family: its parent and the earlier candidates; None where it stands alone.
    """
    recordings = Recordings.of_candidate(candidate, members, arrays)
    curve = training_curve(recordings, n_timesteps)
    terms = term_reports(recordings, weights, curve)
    own, success = recordings.pooled("episodes_own"), recordings.pooled("episodes_success")
    return Analysis(
        candidate=candidate,
        fitness=_fitness(recordings, "success"),
        progress=_fitness(recordings, "progress"),
        curve=curve,
        terms=terms,
        total_correlation=correlation(own, success),
        episode_length=_episode_length(recordings),
        symptoms=symptoms_of(Evidence(recordings, terms, env, family)),
        trajectories=trajectory_tables(recordings, env, terms),
        findings=_said(recordings, "failed"),
        stopped=next((finding.message for finding in _said(recordings, "stopped")), None),
        comparison=compare_with_parent(family.own, family.parent, n_timesteps) if family and family.parent else None,
    )


def _said(recordings: Recordings, status: str) -> tuple[Finding, ...]:
    """The findings of the members that ended so."""
    ended = (member.finding for member in recordings.members if member.status == status)
    return tuple(finding for finding in ended if finding is not None)


def _fitness(recordings: Recordings, quantity: str) -> Fitness | None:
    values = {member.seed: getattr(member, quantity) for member in recordings.trained}
    measured = {seed: float(value) for seed, value in values.items() if value is not None}
    episodes = (recordings.one(seed, f"evaluation_{quantity}") for seed in measured)
    return interval(list(measured.values()), sum(len(array) for array in episodes if array is not None))


def _episode_length(recordings: Recordings) -> float | None:
    import numpy as np

    lengths = [member.length for member in recordings.trained if member.length is not None]
    return finite_mean(np.array(lengths, np.float64))
