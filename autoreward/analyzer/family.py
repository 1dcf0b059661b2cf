"""A candidate among the others of its run: what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.records import CompiledReward


@dataclass(frozen=True)
class Relative:
    """One trained candidate."""

    source: str
    reward: CompiledReward
    weights: Mapping[str, float]  # of the terms that were recorded, in program order
    recordings: CandidateRecordings

    @property
    def candidate(self) -> str:
        """Its id."""
        return self.recordings.candidate


@dataclass(frozen=True)
class Family:
    """A candidate, the one that it was made from, and all that have a smaller id."""

    own: Relative
    parent: Relative | None = None
    earlier: tuple[Relative, ...] = ()
