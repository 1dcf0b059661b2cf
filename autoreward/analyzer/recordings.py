"""What the members of one candidate recorded, as an analysis reads it: by seed, or pooled over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.recordings import (
    EvaluationEpisodes,
    MemberRecording,
    TrainingCurves,
    TrainingEpisodes,
    Trajectory,
    order_terms,
)
from autoreward.records import MemberResult

Part = TypeVar("Part", TrainingCurves, TrainingEpisodes, EvaluationEpisodes)


@dataclass(frozen=True)
class CandidateRecordings:
    """The recordings of one candidate, their terms in the order of the program, their numbers in double precision."""

    candidate: str
    members: tuple[MemberResult, ...]  # of this candidate, by seed
    by_seed: Mapping[int, MemberRecording]  # a member that failed early may have none
    term_names: tuple[str, ...]  # of the columns of every array of terms

    @classmethod
    def of_candidate(
        cls,
        candidate: str,
        members: Sequence[MemberResult],
        recordings: Iterable[MemberRecording],
        term_names: Sequence[str],
    ) -> CandidateRecordings:
        """The part of a population's results that belongs to one candidate.

        Args:
            term_names: in program order; the columns that were recorded are put into it by their names.
        """
        of_candidate = [member for member in members if member.candidate == candidate]
        by_seed = {
            one.seed: order_terms(one, term_names) if term_names and one.term_names else one
            for one in recordings
            if one.candidate == candidate
        }
        return cls(candidate, tuple(sorted(of_candidate, key=lambda member: member.seed)), by_seed, tuple(term_names))

    @property
    def trained(self) -> tuple[MemberResult, ...]:
        """The members that ended with a policy, at the end of training or at a rung."""
        return tuple(member for member in self.members if member.status != "failed")

    def curves(self, seed: int) -> TrainingCurves | None:
        """The training curves of one member; None where it finished no rollout."""
        recording = self.by_seed.get(seed)
        return None if recording is None else _to_double(recording.curves)

    def evaluation(self, seed: int) -> EvaluationEpisodes | None:
        """The evaluation episodes of one member."""
        recording = self.by_seed.get(seed)
        return None if recording is None else _to_double(recording.evaluation)

    def trajectory(self, seed: int, label: str) -> Trajectory | None:
        """The best or worst evaluation episode of the candidate, where it is this member's."""
        recording = self.by_seed.get(seed)
        trajectory = None if recording is None else recording.trajectories.get(label)
        if trajectory is None:
            return None
        doubled = {name: np.asarray(array, np.float64) for name, array in trajectory.fields.items()}
        progress = _double(trajectory.part_progress)
        return Trajectory(doubled, _double(trajectory.action), _double(trajectory.terms), progress)

    def paths(self, seed: int) -> dict[str, NDArray[Any]]:
        """Small fields at some steps of each evaluation episode of one member `[V, M, ...]`."""
        recording = self.by_seed.get(seed)
        return {} if recording is None else {k: np.asarray(v, np.float64) for k, v in recording.paths.items()}

    @property
    def all_curves(self) -> list[TrainingCurves]:
        """The training curves of every member that finished a rollout."""
        several = [self.curves(member.seed) for member in self.members]
        return [curves for curves in several if curves is not None and len(curves.env_steps)]

    @property
    def episodes(self) -> TrainingEpisodes:
        """The training episodes of all members, one member after the other; `[0]` where there is none."""
        recorded = [self.by_seed[member.seed].episodes for member in self.members if member.seed in self.by_seed]
        several = [_to_double(part) for part in recorded if part is not None and len(part.env_steps)]
        if not several:
            return _no_episodes()
        names = [one.name for one in fields(TrainingEpisodes)]
        return TrainingEpisodes(**{name: np.concatenate([getattr(part, name) for part in several]) for name in names})


def _no_episodes() -> TrainingEpisodes:
    none = np.zeros(0)
    return TrainingEpisodes(none, none, none, none, none, none, term_sums=np.zeros((0, 0)))


def finite_mean(values: Float[np.ndarray, ...]) -> float | None:
    """The mean of the finite values; None where there is none."""
    finite = values[np.isfinite(values)]
    return float(np.mean(finite)) if finite.size else None


def _to_double(part: Part | None) -> Part | None:
    if part is None:
        return None
    doubled = {one.name: np.asarray(getattr(part, one.name), np.float64) for one in fields(part)}
    return type(part)(**doubled)


def _double(array: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if array is None else np.asarray(array, np.float64)
