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
    probability: float | None = None  # that it is above 0, as these seeds tell; None in older runs


class Certainty(Record):
    """How far the order of some candidates can be trusted: what of it is theirs, and what is the seeds'.

    Where nothing succeeds it is about progress. See estimates.py.
    """

    measured: Literal["success", "progress"]
    reliability: float | None  # expected share of the variance of their means that is the candidates' own, in [0, 1];
    # None: each has one seed, which tells nothing of it
    best: str
    probability_best: Mapping[str, float]  # of each that was measured, and of the human reward where it takes part
    shrunken: Mapping[str, float]  # expected on a further seed, by candidate
    runner_up: str
    probability_beats_human: float | None = None  # None: the human reward does not take part
    more_seeds: int | None = None  # further seeds of the best and of the runner-up that would decide between them, if
    # their difference is what it seems; None: more than a thousand
    more_steps: int | None = None  # environment steps of both together
    more_minutes: float | None = None  # at the speed of the run's trainings

    @property
    def decided(self) -> bool:
        """Whether the best is the best with 95 %."""
        return self.probability_best[self.best] >= 0.95


class Confirmation(Record):
    """The best and the runner-up of a race on the same fresh seeds, before the best is called so."""

    best: str
    runner_up: str
    difference: PairedDifference | None  # of success; None where fewer than two seeds of both were trained


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
