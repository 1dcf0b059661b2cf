"""What the speed measurements return and print with `--json`; `views.py` at the top has the others."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any, Self

from pydantic import BaseModel

from autoreward.records import PPOSettings
from autoreward.views import View


class _Part(BaseModel):
    """A piece of a view."""

    model_config = View.model_config


class Machine(_Part):
    """Where and with what something was measured."""

    date: str  # ISO 8601, UTC
    cores: int
    cpu: str
    versions: Mapping[str, str]


class Spread(_Part):
    """The median of several rounds, the least and the greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Self:
        """The spread of at least one value."""
        return cls(median=median(values), low=min(values), high=max(values))


class SpeedRow(_Part):
    """One of those measured side by side."""

    name: str  # physics, ours, ours_equal, sb3, sb3_tuned
    label: str
    processes: int  # at the same time
    rate: Spread  # [environment steps/s], all processes together
    rates: tuple[float, ...]  # of each round
    peak_memory: int  # [bytes], all processes together


class SpeedRatio(_Part):
    """One rate over another, round by round, so that what slows both down cancels."""

    of: str
    to: str
    ratio: Spread
    target: float | None  # at least; None: only shown
    met: bool | None


class TrainBenchView(View):
    """`bench train`: one environment."""

    env: str
    task: str
    command: str
    device: str
    machine: Machine
    ppo: PPOSettings
    candidates: int
    seeds: int
    rounds: int
    env_steps: int  # of every row in every round
    rows: tuple[SpeedRow, ...]
    ratios: tuple[SpeedRatio, ...]
    left_out: Mapping[str, str]  # rows that were not measured, with the reason
    profile: Mapping[str, float] | None  # share of our time by what it went to; None: not asked for
    passed: bool  # every target that was measured


class ShapeRow(_Part):
    """One shape of the population."""

    candidates: int
    members: int
    num_envs: int  # a member
    rate: Spread  # [environment steps/s]
    cost: Spread  # time a step over the median of all shapes
    met: bool


class PopulationBenchView(View):
    """`bench train --population`: the same environments, divided among few or many candidates."""

    env: str
    task: str
    command: str
    device: str
    machine: Machine
    num_minibatches: int
    rounds: int
    env_steps: int  # of every shape in every round
    tolerance: float
    rows: tuple[ShapeRow, ...]
    passed: bool


class StartRow(_Part):
    """From the start of the command to its first update."""

    cache: str  # cold, warm
    seconds: Spread
    target: float  # [s] at most
    met: bool


class StartBenchView(View):
    """`bench start`: how long until learning begins."""

    command: str  # the measured one
    machine: Machine
    rounds: int
    rows: tuple[StartRow, ...]
    passed: bool


PRINTED: dict[str, type[View]] = {
    "bench.train": TrainBenchView,
    "bench.train.population": PopulationBenchView,
    "bench.start": StartBenchView,
}


def schemas() -> dict[str, Any]:
    """The JSON schema of each."""
    return {name: view.model_json_schema(mode="serialization") for name, view in PRINTED.items()}
