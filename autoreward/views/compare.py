"""What `compare` returns and prints."""

from __future__ import annotations

from typing import Literal

from autoreward.records import Fitness
from autoreward.views.view import Part, Report, View


class ComparedReward(Part):
    """One of the rewards: as it is named in `pairs`, and what training on it came to. None: nothing was trained."""

    name: str
    origin: Literal["file", "candidate", "human"]
    success: Fitness | None
    progress: Fitness | None


class ComparedPair(Part):
    """Two of the rewards side by side."""

    a: str
    b: str
    distance: float  # STARC, in [0, 1]: 0 equal up to scale, shift and shaping, 1 opposite
    rank_agreement: float | None  # Kendall's tau-b of trajectories; None: one of them ranks none above another
    difference: Fitness | None  # success of a - b, over equal seeds; None: nothing was trained


class CompareView(View):
    """`compare`."""

    env: str
    task: str | None
    rewards: tuple[ComparedReward, ...]
    pairs: tuple[ComparedPair, ...]
    transitions: int  # the distances are measured on
    trajectories: int  # that are ranked
    env_steps: int  # of training
    notes: tuple[str, ...] = ()
    picture: str | None = None


class CompareReport(CompareView, Report):
    """A comparison, and what its tables say besides."""

    unit: str = "1"  # of the success metric
