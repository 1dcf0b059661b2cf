"""What symptoms are read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autoreward.analyzer.change import Change, early_to_late
from autoreward.analyzer.family import Family
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.number_format import number
from autoreward.records import EnvSpec, TermReport, TrajectoryTable

SOLVED = 0.95  # late progress from which a missing rise is no failure: there is nothing left to gain


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
        """Whether the task was as good as solved at the end of training."""
        progress = self.trend("progress")
        return progress is not None and progress.after >= SOLVED


def moved(what: str, change: Change) -> str:
    """`success 1 -> 2`."""
    return f"{what} {number(change.before)} -> {number(change.after)}"
