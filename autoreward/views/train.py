"""What `train` returns and prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from autoreward.records import Finding
from autoreward.views.check import CheckLine
from autoreward.views.view import Part, View


class TrainLine(View):
    """`train`: one line a member. A file that was refused has one line, without a seed, that says why."""

    file: str
    seed: int | None
    status: Literal["trained", "stopped", "failed", "refused"]
    success: float | None
    progress: float | None
    own_episodic_return: float | None
    env_steps: int
    findings: tuple[Finding, ...] = ()  # of a file that was refused
    requirements: Mapping[str, float] = Field(default_factory=dict)  # share of evaluation episodes that meet each
    required: Mapping[str, float] = Field(default_factory=dict)  # what each limits, mean over them; see MemberResult
    weights: Mapping[str, float] = Field(default_factory=dict)  # by term, where they were learned: at the end


class TrainTotals(Part):
    """What the whole population took."""

    env_steps: int
    seconds: float
    steps_per_second: float
    members: int


class TrainSummary(View):
    """`train`: the last line."""

    summary: TrainTotals


class TrainView(Part):
    """What `api.train` returns; the command line prints its lines, then its summary."""

    lines: tuple[TrainLine, ...]
    totals: TrainTotals
    checks: tuple[CheckLine, ...] = ()  # of every file, in the order given
    notes: tuple[str, ...] = ()  # what did not go as planned

    @property
    def summary(self) -> TrainSummary:
        """The last line of the output."""
        return TrainSummary(summary=self.totals)
