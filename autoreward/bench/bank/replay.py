"""`autoreward bench halving`: what search policies would have chosen, read from the bank. Nothing is trained.

A resampling draws the candidates of one generation and its seeds from the bank, the same for every policy. A policy
sees of them what a search would have seen: the training episodes at its rungs and the final evaluation on the drawn
seeds. What it chose is judged by its final success over all seeds of the bank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from autoreward.bench.bank.stored import BankPlan, read_chunk, read_chunk_arrays, read_plan
from autoreward.errors import UsageError
from autoreward.intervals import CONFIDENCE, interval
from autoreward.records import Rung
from autoreward.trainer.rungs import NOTHING, Score, count_whole_trainings, rank, select_survivors
from autoreward.views import HalvingView, Interval, PolicyRow

_ROUNDING = 1e-9  # of sums of shares
CANDIDATES, SEEDS = 8, 3  # of a generation as the search runs it


@dataclass(frozen=True)
class SearchPolicy:
    """How one generation is trained."""

    name: str
    candidates: int = CANDIDATES
    seeds: int = SEEDS
    rungs: tuple[Rung, ...] = ()

    @property
    def trainings(self) -> float:
        """What it costs, in whole trainings of one member."""
        return self.seeds * count_whole_trainings(self.candidates, self.rungs)

    def at_cost_of(self, other: SearchPolicy) -> SearchPolicy:
        """The same policy with as many candidates as the cost of the other one allows."""
        count = self.candidates
        while replace(self, candidates=count + 1).trainings <= other.trainings + _ROUNDING:
            count += 1
        return replace(self, candidates=count)


FULL = SearchPolicy("full training")
HALVINGS = (
    SearchPolicy("half at 1/3", rungs=(Rung(at=1 / 3, keep=0.5),)),
    SearchPolicy("half at 1/4, half at 1/2", rungs=(Rung(at=0.25, keep=0.5), Rung(at=0.5, keep=0.5))),
    SearchPolicy("half at 1/10, half at 1/3", rungs=(Rung(at=0.1, keep=0.5), Rung(at=1 / 3, keep=0.5))),
    SearchPolicy("a quarter at 1/4", rungs=(Rung(at=0.25, keep=0.25),)),
)


def compared() -> tuple[SearchPolicy, ...]:
    """Full training, each way of halving with the same candidates and at the same cost, and one seed instead of three.

    With the same candidates halving saves steps; at the same cost the steps go to further candidates.
    """
    equal = [replace(one.at_cost_of(FULL), name=f"{one.name}, more candidates") for one in HALVINGS]
    single = replace(FULL, name="one seed, more candidates", seeds=1).at_cost_of(FULL)
    return (FULL, *HALVINGS, *equal, single)


RESAMPLINGS = 1_000
BANKS = 200  # that might have come out instead, and
GENERATIONS = 100  # drawn from each of them
TOLERANCE = -0.05  # a policy is not worse where the lower end of the relative difference is above this


@dataclass(frozen=True)
class Bank:
    """The numbers of a bank, all `[2, R, S]` for success and progress of R rewards on S seeds; NaN where one failed."""

    steps: NDArray[Any]  # at the end of each point of a curve `[P]`
    curves: NDArray[Any]  # of training episodes `[2, R, S, P]`
    final: NDArray[Any]  # of evaluation episodes

    @property
    def truth(self) -> NDArray[Any]:
        """Final success over all seeds `[R]`; 0 for a reward whose trainings failed, all of them."""
        known = np.isfinite(self.final[0])
        totals = np.where(known, self.final[0], 0.0).sum(axis=1)
        return np.asarray(totals / np.maximum(known.sum(axis=1), 1))

    def at(self, share: float) -> NDArray[Any]:
        """Success and progress of the training episodes that ended last at a share of the training `[2, R, S]`."""
        points = int((self.steps <= share * self.steps[-1] + 0.5).sum())
        last = np.full(self.final.shape, np.nan)
        for point in range(points):
            seen = self.curves[..., point]
            last = np.where(np.isfinite(seen), seen, last)
        return last


@dataclass(frozen=True)
class Draw:
    """One generation: candidates in the order in which they would be proposed, and seeds."""

    candidates: NDArray[Any]
    seeds: NDArray[Any]


def replay(folder: Path, resamplings: int) -> HalvingView:
    """Compare the search policies on the bank in a folder.

    Raises:
        UsageError: there is no bank, or it has too few rewards or seeds.
    """
    plan = read_plan(folder)
    if plan is None:
        raise UsageError(f"{folder}: there is no reward bank.", "Train it: autoreward bench bank --env ENV")
    bank = load_bank(folder, plan)
    policies = compared()
    _check_size(folder, bank, policies)
    truth = bank.truth
    rows = judged(bank, policies, resamplings)
    return HalvingView(
        env=plan.env,
        task=plan.task,
        rewards=len(truth),
        seeds=plan.seeds,
        n_timesteps=plan.n_timesteps,
        resamplings=resamplings,
        best=float(truth.max()),
        rows=tuple(rows),
    )


def load_bank(folder: Path, plan: BankPlan) -> Bank:
    """All chunks that have been trained."""
    trained = [index for index in range(plan.chunks) if read_chunk(folder, index) is not None]
    if not trained:
        raise UsageError(f"{folder}: nothing of the bank is trained yet.", "Train it: autoreward bench bank --env ENV")
    arrays = [read_chunk_arrays(folder, index) for index in trained]
    names = ("success", "progress")
    curves = np.stack([np.concatenate([one[f"curve/{kind}"] for one in arrays]) for kind in names])
    final = np.stack([np.concatenate([one[f"evaluation/{kind}"] for one in arrays]).mean(axis=-1) for kind in names])
    failed = np.concatenate([_failed(folder, plan, index) for index in trained])
    return Bank(arrays[0]["steps"], np.where(failed[..., None], np.nan, curves), np.where(failed, np.nan, final))


def judged(bank: Bank, policies: Sequence[SearchPolicy], resamplings: int, seed: int = 0) -> list[PolicyRow]:
    """Every policy beside the first one, on the same draws."""
    rng = np.random.default_rng(seed)
    everything = np.arange(bank.final.shape[1])
    played = _Played(bank, policies)
    chosen = played.on(_draws(rng, everything, bank.final.shape[2], resamplings, policies))
    banks = [
        played.on(_draws(rng, rng.choice(everything, len(everything)), bank.final.shape[2], GENERATIONS, policies))
        for _ in range(BANKS)
    ]
    return [_row(policy, place, policies[0], chosen, banks) for place, policy in enumerate(policies)]


def choose(bank: Bank, policy: SearchPolicy, draw: Draw) -> int:
    """The reward that a policy would have chosen of a generation."""
    return _choose([bank.at(rung.at) for rung in policy.rungs], bank.final, policy, draw)


def _choose(at_rungs: Sequence[NDArray[Any]], final: NDArray[Any], policy: SearchPolicy, draw: Draw) -> int:
    alive = list(draw.candidates[: policy.candidates])
    seeds = draw.seeds[: policy.seeds]
    for rung, seen in zip(policy.rungs, at_rungs, strict=True):
        failed = [score == NOTHING for score in _scores(final, alive, seeds)]
        shown = _scores(seen, alive, seeds)
        # Who has shown nothing has failed, or has no episode behind it yet.
        known = [score if bad or score != NOTHING else None for score, bad in zip(shown, failed, strict=True)]
        alive = [alive[position] for position in select_survivors(known, rung.keep)]
    return int(alive[rank(_scores(final, alive, seeds))[0]])


def _scores(seen: NDArray[Any], alive: Sequence[int], seeds: NDArray[Any]) -> list[Score]:
    """Success and progress of each candidate, means over the seeds; NOTHING where one of them has none."""
    means = np.nan_to_num(seen[:, alive][:, :, seeds].mean(axis=-1), nan=-np.inf)
    return [(success, progress) if np.isfinite(success) else NOTHING for success, progress in means.T.tolist()]


class _Played:
    """Policies on a bank, with what they see at their rungs read once."""

    def __init__(self, bank: Bank, policies: Sequence[SearchPolicy]) -> None:
        truth = bank.truth
        self._bank, self._policies = bank, policies
        self._worth = truth / truth.max()
        self._rungs = [[bank.at(rung.at) for rung in policy.rungs] for policy in policies]

    def on(self, draws: Iterator[Draw]) -> NDArray[Any]:
        """What each policy chose, as a share of the bank's best `[draws, policies]`."""
        pairs = list(zip(self._policies, self._rungs, strict=True))
        return np.asarray(
            [
                [self._worth[_choose(at_rungs, self._bank.final, policy, draw)] for policy, at_rungs in pairs]
                for draw in draws
            ]
        )


def _draws(
    rng: Generator, rewards: NDArray[Any], seeds: int, count: int, policies: Sequence[SearchPolicy]
) -> Iterator[Draw]:
    most = max(policy.candidates for policy in policies)
    for _ in range(count):
        yield Draw(rng.permutation(rewards)[:most], rng.permutation(seeds))


def _row(
    policy: SearchPolicy, place: int, full: SearchPolicy, chosen: NDArray[Any], banks: Sequence[NDArray[Any]]
) -> PolicyRow:
    difference = over_banks = not_worse = None
    if place > 0:
        difference = as_interval((chosen[:, place] - chosen[:, 0]) / chosen[:, 0].mean())
        over_banks = percentiles([float((one[:, place] - one[:, 0]).mean() / one[:, 0].mean()) for one in banks])
        not_worse = min(difference.low, over_banks.low) > TOLERANCE
    return PolicyRow(
        policy=policy.name,
        candidates=policy.candidates,
        seeds=policy.seeds,
        steps=round(policy.trainings / full.trainings, 4),
        chosen=as_interval(chosen[:, place]),
        difference=difference,
        over_banks=over_banks,
        not_worse=not_worse,
    )


def as_interval(values: NDArray[Any]) -> Interval:
    """The mean over resamplings with its interval."""
    fitness = interval(values.tolist(), 0)
    assert fitness is not None and fitness.low is not None and fitness.high is not None  # there are several
    return Interval(mean=fitness.mean, low=fitness.low, high=fitness.high)


def percentiles(values: Sequence[float]) -> Interval:
    """The mean over banks with the middle 95 % of them: a bootstrap over the rewards."""
    tail = 50.0 * (1.0 - CONFIDENCE)
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return Interval(mean=float(np.mean(values)), low=float(low), high=float(high))


def _failed(folder: Path, plan: BankPlan, index: int) -> NDArray[Any]:
    """Which trainings of a chunk failed, bool `[rewards, seeds]`."""
    chunk = read_chunk(folder, index)
    assert chunk is not None  # it was found
    status = {(member.candidate, member.seed): member.status for member in chunk.members}
    return np.asarray([[status[name, seed] == "failed" for seed in range(plan.seeds)] for name in chunk.rewards])


def _check_size(folder: Path, bank: Bank, policies: Sequence[SearchPolicy]) -> None:
    rewards, seeds = bank.final.shape[1:]
    most, wanted = max(policy.candidates for policy in policies), max(policy.seeds for policy in policies)
    if rewards < most or seeds < wanted:
        raise UsageError(
            f"{folder}: the bank has {rewards} rewards on {seeds} seeds so far, and {most} on {wanted} are drawn.",
            "Train the rest of it: autoreward bench bank --env ENV",
        )
