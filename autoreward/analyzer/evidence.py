"""What symptoms are read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from autoreward.analyzer.change import Change, early_to_late
from autoreward.analyzer.family import Family
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.number_format import number
from autoreward.records import EnvSpec, TermReport, TrajectoryTable

SOLVED = 0.95  # progress from which a missing rise is no failure: there is nothing left to gain


Quantity = Literal["success", "progress", "own_return", "length", "terminated"]


@dataclass(frozen=True)
class Evidence:
    """One candidate's recordings, what was found in them so far, and its relatives."""

    recordings: CandidateRecordings
    terms: tuple[TermReport, ...]
    env: EnvSpec
    family: Family | None = None
    trajectories: tuple[TrajectoryTable, ...] = ()  # best first

    def trend(self, quantity: Quantity) -> Change | None:
        """Early to late training, over all finished episodes of all seeds."""
        episodes = self.recordings.episodes
        return early_to_late(episodes.env_steps, getattr(episodes, quantity))

    @property
    def follows(self) -> bool:
        """Whether success or progress possibly rose over training."""
        changes = (self.trend("success"), self.trend("progress"))
        return any(change is not None and change.hints_at_rise for change in changes)

    @property
    def solved(self) -> bool:
        """Whether the task was as good as solved at the end of training, or by the policies without their noise."""
        progress = self.trend("progress")
        return self.solved_in_evaluation or (progress is not None and progress.after >= SOLVED)

    @property
    def solved_in_evaluation(self) -> bool:
        """Whether the policies, without the noise with which they explore, as good as solve the task."""
        return len(self._evaluated) > 0 and float(self._evaluated.mean()) >= SOLVED

    @property
    def solved_once(self) -> bool:
        """Whether the task was as good as solved in any evaluation episode."""
        return bool((self._evaluated >= SOLVED).any())

    @property
    def _evaluated(self) -> Float[np.ndarray, " V"]:
        """Progress of the evaluation episodes of all seeds, where it was measured."""
        several = [self.recordings.evaluation(member.seed) for member in self.recordings.trained]
        progress = np.concatenate([np.zeros(0), *(part.progress for part in several if part is not None)])
        finite: Float[np.ndarray, " V"] = progress[np.isfinite(progress)]
        return finite


def moved(what: str, change: Change) -> str:
    """`success 1 -> 2`."""
    return f"{what} {number(change.before)} -> {number(change.after)}"
