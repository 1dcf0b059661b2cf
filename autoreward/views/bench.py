"""What `bench` returns and prints."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Literal, Self

from autoreward.records import Fitness, PairedDifference, PPOSettings
from autoreward.views.show import RestartRow, RestartsSummary
from autoreward.views.view import Part, View


class LearnRow(Part):
    """One trainer's success over its seeds."""

    trainer: str
    fitness: Fitness
    env_steps: int  # a seed
    seconds: float | None = None


class LearnView(View):
    """`bench learn`: ours beside stable-baselines3, in one environment."""

    env: str
    task: str
    unit: str  # of success
    rows: tuple[LearnRow, ...]
    passed: bool  # our mean is at least the better of the others


class CombineRow(Part):
    """One way of combining terms, with one set of weights to begin with."""

    way: str  # "episodic", ...; "sparse": the task's progress alone
    weights: str  # "good", "unscaled", "misleading", "wrong"
    fitness: Fitness | None  # over the seeds that were trained
    difference: PairedDifference | None  # to good weights that stay, paired by seed


class CombineView(View):
    """`bench combine`: learned weights beside those that stay, in one environment."""

    env: str
    task: str
    seeds: int
    n_timesteps: int  # environment steps a seed
    rows: tuple[CombineRow, ...]


class AlignedRow(Part):
    """One way to pay the task's progress, with or without a term beside it."""

    name: str  # "primary", "naive", "misleading", "helpful"
    fitness: Fitness | None  # over the seeds that were trained
    difference: PairedDifference | None  # to the progress alone, paired by seed


class AlignedView(View):
    """`bench aligned`: a misleading and a helpful term whose weights follow the task's own progress."""

    env: str
    task: str
    seeds: int
    n_timesteps: int  # environment steps a seed
    rows: tuple[AlignedRow, ...]
    shares: Mapping[str, float]  # of the mean success of the progress alone; empty where that is not above 0
    cost: float  # time of an update that also learns weights, by that of a plain one: medians, measured in turns
    passed: bool


class RequireRow(Part):
    """A requirement of a person's reward, kept to and not asked for."""

    requirement: str
    met: float  # share of evaluation episodes that meet it
    value: float  # what it limits, mean over them
    free_met: float  # the same where it is only measured
    free_value: float
    fitness: Fitness | None  # success with it
    difference: PairedDifference | None  # to the reward without it, paired by seed
    loss: float | None  # of the mean success, as a share; None where that is not above 0


class RequireView(View):
    """`bench require`: what keeping to requirements costs, in one environment."""

    env: str
    task: str
    seeds: int
    n_timesteps: int  # environment steps a seed
    free: Fitness | None  # success of the reward without requirements
    rows: tuple[RequireRow, ...]
    passed: bool


class SharingRow(Part):
    """One reward, trained with a buffer of its own and with one that it shares."""

    reward: str
    separate: Fitness | None  # success over seeds
    shared: Fitness | None
    difference: PairedDifference | None  # shared less separate, on the same seeds


class SharingView(View):
    """`bench share`: rewards that learn from the steps of all, beside the same that learn from their own."""

    env: str
    algo: str
    seeds: int  # a reward
    n_timesteps: int  # a member, in both arms
    rows: tuple[SharingRow, ...]
    separate: Fitness | None  # means over rewards
    shared: Fitness | None
    difference: PairedDifference | None
    seconds: tuple[float, ...]  # of the two arms


class BankRow(Part):
    """One reward of the bank."""

    reward: str
    origin: Literal["compose", "human", "honest", "bad", "sparse", "file"]
    fitness: Fitness | None  # over the seeds that were trained
    failed: int  # seeds whose training failed
    refused: bool = False  # by the critic: it was not trained
    difference: PairedDifference | None = None  # to the human reward, on the seeds that both were trained with


class BankSummary(Part):
    """What the rewards of a bank came to, the human one and sparse left out."""

    rewards: int
    mean: float  # success, over rewards
    above_human: int | None  # rewards whose mean success is above the human reward's; None where there is none
    better_than_human: int | None  # those whose paired difference is certain, its whole interval above 0
    worse_than_human: int | None
    reliability_one_seed: float | None  # share of the variance of success that is the rewards' own, at one seed
    reliability_all_seeds: float | None  # of the mean over all seeds: what a ranking by it is worth


class BankView(View):
    """`bench bank`: how far the bank of a task is."""

    env: str
    task: str
    folder: str
    rewards: int  # in the whole bank
    seeds: int  # a reward
    n_timesteps: int  # a member
    rows: tuple[BankRow, ...]  # the rewards that have been trained, best first
    summary: BankSummary | None  # None for fewer than two rewards
    env_steps: int
    seconds: float


class MetricsRow(Part):
    """What became of the drafts of one task, and how the one that is proposed orders beside the pack's metric."""

    env: str
    task: str
    drafts: int
    parsed: int  # hold a program
    accepted: int  # by the critic, at the first try
    kept: int  # after they were tried on episodes that nobody designed
    clusters: int  # of those that were kept
    entropy: float  # [nat]
    chosen: str | None  # the draft that is proposed
    sentence: str
    tau_undirected: float | None  # Kendall's tau over the undirected episodes; None: one of both orders none
    policies: int = 0  # that were trained
    tau_policies: float | None = None  # over their means
    reasons: tuple[str, ...] = ()  # why the others were refused or dropped


class MetricsBenchView(View):
    """`bench metrics`: recorded drafts of success metrics beside the packs' own."""

    n_timesteps: int  # of each policy; 0: none was trained
    seeds: int  # policies a reward
    rows: tuple[MetricsRow, ...]


class IcplSearch(Part):
    """One search of `bench icpl`."""

    restart: int
    winner: str
    success: float  # on fresh seeds
    calls: int  # to a language model
    env_steps: int


class IcplRow(Part):
    """One task of `bench icpl`."""

    env: str  # "hopper/forward"
    metric: tuple[IcplSearch, ...]  # led by the metric, by restart
    people: tuple[IcplSearch, ...]  # where the metric answered in the place of people
    share: float | None  # of the mean success of the first that the second reaches; None where that is not positive
    enough: bool


class IcplView(View):
    """`bench icpl`: searches by preferences that the metric gave, beside searches that it leads."""

    designer: str
    rows: tuple[IcplRow, ...]
    passed: bool


class Interval(Part):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


class PolicyRow(Part):
    """What one search policy chose, over the resamplings."""

    policy: str
    candidates: int  # that start, of a generation
    seeds: int
    steps: float  # environment steps, as a share of full training
    chosen: Interval  # true success of the candidate chosen, as a share of the bank's best
    difference: Interval | None  # from full training, relative, paired over the resamplings; None for full training
    over_banks: Interval | None  # the same, had other rewards come into the bank
    not_worse: bool | None  # the lower ends of both intervals are above -5 %


class HalvingView(View):
    """`bench halving`: search policies, judged on the bank of one task."""

    env: str
    task: str
    rewards: int
    seeds: int  # of each reward in the bank
    n_timesteps: int
    resamplings: int
    best: float  # success of the bank's best reward, mean over all its seeds
    rows: tuple[PolicyRow, ...]  # full training first


class ChoiceRow(Part):
    """What one rule of choosing came to, over the resamplings."""

    rule: str
    candidates: int  # that start, of a generation
    trainings: float  # what it costs, in trainings of one seed to the end
    chosen: Interval  # success of the reward chosen, on seeds that the rule has not seen
    difference: Interval | None  # from the first rule, relative, paired over the resamplings; None for that one
    over_banks: Interval | None  # the same, had other rewards come into the bank


class ChoicesView(View):
    """`bench choices`: rules of choosing among rewards, judged on the bank of one task."""

    env: str
    task: str
    rewards: int
    seeds: int  # of each reward, over all folders
    n_timesteps: int
    resamplings: int
    rows: tuple[ChoiceRow, ...]


class ScreenRow(Part):
    """What was chosen where some rewards were left out before training, over the resamplings."""

    rule: str
    asked: float  # programs that were asked for, mean
    chosen: Interval  # success of the reward chosen, on seeds that the rule has not seen
    difference: Interval | None  # from the first row, relative, paired over the resamplings; None for that one


class NearRewards(Part):
    """Pairs of rewards of about the same distance, and by how much their successes differ."""

    low: float  # STARC distance with survival, from
    high: float  # to below
    pairs: int
    difference: float  # of success, mean absolute


class ScreenView(View):
    """`bench screen`: leaving out rewards by what they prefer, or by nearness, judged on the bank of one task."""

    env: str
    task: str
    rewards: int
    resamplings: int
    correlation: float  # Spearman's, between the agreement of a reward and what it comes to
    groups: tuple[Interval, ...]  # quarters of the rewards by agreement, the least first: mean success, and from which
    # agreement to which
    near: tuple[NearRewards, ...] = ()  # the nearest first
    rows: tuple[ScreenRow, ...]  # none where the bank has too few rewards or seeds to draw generations from


class SuiteRow(Part):
    """What one method came to on one task, over its restarts."""

    task: str  # hopper/forward
    method: str
    restarts: tuple[RestartRow, ...]
    summary: RestartsSummary
    to_first: Fitness | None  # less the first method, paired over restarts of the same seed; None for the first


class SuiteTotal(Part):
    """One method over all tasks: restarts whose paired interval to the human reward is above, around or below 0."""

    method: str
    better: int
    undecided: int
    worse: int
    failed: int
    above_human: int  # restarts whose mean is above the human reward's, certain or not
    of_human: (
        Fitness | None
    )  # success as a share of the human reward's, over tasks x restarts; where that one is above 0


class SuiteView(View):
    """`bench suite`: methods at equal steps and calls, by the mean over restarts."""

    folder: str
    designer: str  # compose, or recorded replies
    candidates: int
    generations: int
    seeds: int
    n_timesteps: int
    rows: tuple[SuiteRow, ...]
    totals: tuple[SuiteTotal, ...]


class Machine(Part):
    """Where and with what something was measured."""

    date: str  # ISO 8601, UTC
    cores: int
    cpu: str
    versions: Mapping[str, str]


class Spread(Part):
    """The median of several rounds, the least and the greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Self:
        """The spread of at least one value."""
        return cls(median=median(values), low=min(values), high=max(values))


class SpeedRow(Part):
    """One of those measured side by side."""

    name: str  # physics, ours, ours_equal, sb3, sb3_tuned
    label: str
    processes: int  # at the same time
    rate: Spread  # [environment steps/s], all processes together
    rates: tuple[float, ...]  # of each round
    peak_memory: int  # [bytes], all processes together


class SpeedRatio(Part):
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


class ShapeRow(Part):
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


class StartRow(Part):
    """From the start of the command to its first update."""

    cache: str  # cold, warm
    seconds: Spread
    target: float  # [s] at most
    met: bool


class FieldCostRow(Part):
    """What the fields of a pack cost, where nothing reads them or all are read."""

    kind: str  # unread, read
    cost: Spread  # more processor time than without fields, as a share of it
    target: float  # at most
    met: bool


class FieldsBenchView(View):
    """`bench fields`: what the fields of a pack cost in a rollout."""

    env: str
    machine: Machine
    rounds: int
    fields: int  # how many the pack has
    rows: tuple[FieldCostRow, ...]
    passed: bool


class StartBenchView(View):
    """`bench start`: how long until learning begins."""

    command: str  # the measured one
    machine: Machine
    rounds: int
    rows: tuple[StartRow, ...]
    passed: bool
