"""A run: what it has used, what each generation came to, and its winner beside the baselines on fresh seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from autoreward.records.candidate import Usage
from autoreward.records.record import Record
from autoreward.records.training import Fitness


class Spent(Record):
    """What a run has used so far. cost None: the price of the model is unknown."""

    calls: int = 0  # requests, with those that were tried again
    tokens: int = 0
    usage: Usage = Usage()  # of the stored replies: what the tokens were
    cost: float | None = 0.0
    env_steps: int = 0
    evaluation_steps: int = 0
    seconds: float = 0.0
    saved_steps: int = 0  # environment steps of training that stopping candidates early has saved


class Generation(Record):
    """One round of the search, after selection."""

    index: int
    candidates: tuple[str, ...]
    best: str | None  # best of the whole run so far
    note_ids: tuple[int, ...] = ()  # the person's notes its prompts contained


class BaselineResult(Record):
    """A reference policy, measured like the winner."""

    fitness: Fitness | None
    progress: Fitness | None


class PairedDifference(Record):
    """One policy less another, on the seeds that both were trained with."""

    fitness: Fitness  # of the difference: mean and 95 % interval over the shared seeds
    verdict: Literal["better", "not distinguishable", "worse"]  # better: the whole interval lies above 0


class FinalReport(Record):
    """The winner on fresh seeds, beside the baselines measured in the same population."""

    candidate: str
    selection: Fitness | None  # biased upward: the best of many
    fresh: Fitness | None
    fresh_progress: Fitness | None
    baselines: Mapping[str, BaselineResult]  # "human", "sparse", "random"
    difference: PairedDifference | None = None  # the winner less the human reward; None where there is none
    over_random: PairedDifference | None = None  # the winner less the random policy; None in older runs
    after_generation: int
