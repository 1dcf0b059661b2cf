"""What happened while a candidate trained: terms, symptoms, key moments, the comparison with its parent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from autoreward.records.candidate import Finding
from autoreward.records.record import Record
from autoreward.records.training import Fitness


class TermReport(Record):
    """One term over training."""

    name: str
    weight: float
    share: float  # of the total absolute weighted income, in [0, 1], second half of training
    low: float  # least and greatest unweighted value seen over training
    high: float
    start: float  # mean unweighted value at the start and at the end of training
    end: float
    correlation: float | None  # Pearson, term income against success over episodes; None when either is constant
    correlated_with: Literal["success", "progress"] = "success"  # progress where success is constant
    first_weight: float | None = None  # where weights were learned: in the first rollout; `weight` is that of the last
    over_training: tuple[float | None, ...] = ()  # mean weighted income a step, at the points of `Analysis.curve`


class Symptom(Record):
    """A named failure with the numbers that show it."""

    name: Literal[
        "reward_hacking", "no_progress", "duplicate", "early_termination", "unstable", "collapse", "plateau",
        "disagreeing_seeds", "dominant_term", "opposing_term", "flat_term", "saturated_term", "rare_term",
        "spiky_term", "no_positive_income", "static_state", "upside_down", "farmed_state",
    ]  # fmt: skip
    evidence: str


class CurvePoint(Record):
    """Means over the seeds at one moment of training; None where no episode had ended."""

    env_steps: int
    success: float | None
    progress: float | None
    own_return: float | None
    length: float | None


class Moment(Record):
    """A key moment of a trajectory; its row stands in the table."""

    name: Literal["first_contact", "best_second", "worst_second", "plateau", "terminated"]
    time: float  # [s] since reset, of its row
    start: float  # [s] what is told lasts from here
    end: float  # [s] to here; equal to `start` for an instant
    income: float | None = None  # weighted sum of all terms over that second
    what: str = ""  # the entry that touched, the term that paid most


class TermIncome(Record):
    """What one term paid in each part of an episode: weighted sums."""

    name: str
    parts: tuple[float, ...]


class TrajectoryTable(Record):
    """One evaluation trajectory, a few moments of it."""

    label: str  # "best" or "worst", with its success
    columns: tuple[str, ...]  # "time [s]", fields with unit, terms
    rows: tuple[tuple[float, ...], ...]
    moments: tuple[Moment, ...] = ()  # in order of time
    part_ends: tuple[float, ...] = ()  # [s] the ends of the parts of `income`
    income: tuple[TermIncome, ...] = ()  # in program order
    progress: tuple[float, ...] = ()  # of the task, as if the episode had ended with each of the parts


class Difference(Record):
    """One quantity of a candidate beside its parent's, over the seeds that both were trained with."""

    quantity: Literal["success", "progress", "length"]
    parent: float
    own: float
    difference: Fitness  # own - parent, paired by seed


class TermChange(Record):
    """One term beside that of the same name in the parent."""

    name: str
    change: Literal["added", "removed", "rewritten", "reweighted", "kept"]
    parent_weight: float | None  # None: the parent has no such term
    weight: float | None  # None: it was removed
    parent_income: float | None  # mean weighted income a step, second half of training, over equal seeds
    income: float | None


class SeedOutcome(Record):
    """What the policy of one seed came to, over its evaluation episodes."""

    seed: int
    success: float
    progress: float | None
    length: float | None  # [steps]
    shortest: float | None = None  # [steps] of its episodes
    longest: float | None = None


class EndStates(Record):
    """How the evaluation episodes of one seed ended."""

    seed: int
    counts: Mapping[str, int]  # episodes by state: "upright and moving"; the most frequent first
    fell: tuple[float, ...] = ()  # [s] when those that were up went down for good
    terminated: int = 0  # episodes
    place: str = ""  # the entry that tells the way: "torso_position.x"
    places: tuple[float, ...] = ()  # its last value in each episode, in ascending order


class ParentComparison(Record):
    """What a candidate changed in its parent's program, and what that did."""

    parent: str
    terms: tuple[TermChange, ...]
    params: Mapping[str, tuple[float | None, float | None]] = Field(default_factory=dict)  # changed: before, after
    potential: Literal["none", "kept", "added", "removed", "rewritten"] = "none"
    seeds: int  # that both were trained with
    differences: tuple[Difference, ...]


class Analysis(Record):
    """What happened while a candidate trained. One record, rendered for the prompt and for a person."""

    candidate: str
    fitness: Fitness | None
    progress: Fitness | None
    curve: tuple[CurvePoint, ...]
    terms: tuple[TermReport, ...]
    total_correlation: float | None  # own return against success over episodes
    episode_length: float | None
    symptoms: tuple[Symptom, ...]
    trajectories: tuple[TrajectoryTable, ...]
    findings: tuple[Finding, ...] = ()  # why members failed
    comparison: ParentComparison | None = None  # None: there is no trained parent
    stopped: str | None = None  # when and why its training was stopped early
    ends: tuple[EndStates, ...] = ()  # of each seed; () where their paths were not recorded
    by_seed: tuple[SeedOutcome, ...] = ()  # of the seeds that ended with a policy; () in older runs
    progress_correlation: float | None = None  # own return against progress over episodes
