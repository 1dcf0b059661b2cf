"""`autoreward bench choices`: how to choose among rewards for the same trainings, read from banks. Nothing is trained.

A resampling draws the rewards of one generation and the order of their seeds from the bank, the same for every rule. A
rule sees the final evaluations that it has paid for, one seed of one reward at a time. What it chose is judged by its
final success on the seeds that the rule has not seen: so luck that the choice has used does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

from autoreward.bench.bank.replay import Bank, as_interval, load_bank, percentiles
from autoreward.bench.bank.stored import BankPlan, read_plan, trained_rewards
from autoreward.errors import UsageError
from autoreward.estimates import estimate
from autoreward.search.allocation import ALLOCATIONS
from autoreward.search.final_evaluation import HUMAN, SPARSE
from autoreward.trainer.rungs import count_survivors
from autoreward.views import ChoiceRow, ChoicesView

RESAMPLINGS = 1_000
BANKS = 100  # that might have come out instead, and
GENERATIONS = 50  # drawn from each of them
LAST = 5  # what is seen of training episodes: the last fifth of the training
STOPPED_AT, STOPPED = 1 / 3, 0.5  # `design --halving`


@dataclass(frozen=True)
class Rule:
    """How one generation is trained and chosen from.

    Attributes:
        candidates: that start.
        seeds: of each, to begin with.
        further: trainings that the race has after that, in rounds of `slots`.
        allocation: who gets them, by its name in ALLOCATIONS.
        halved: the worse half is stopped after a third of the training.
        episodes: training episodes are looked at too.
    """

    name: str
    candidates: int
    seeds: int
    further: int = 0
    slots: int = 8
    allocation: str = "halving"
    halved: bool = False
    episodes: bool = False

    @property
    def trainings(self) -> float:
        """What it costs, in whole trainings of one seed."""
        begun = self.candidates * self.seeds
        stopped = 1.0 - count_survivors(self.candidates, STOPPED) / self.candidates if self.halved else 0.0
        return begun * (1.0 - stopped * (1.0 - STOPPED_AT)) + self.further


def rules() -> tuple[Rule, ...]:
    """The rules that are compared: the first is what all are compared with."""
    plain = [Rule("8 x 3", 8, 3), Rule("24 x 1", 24, 1), Rule("12 x 2", 12, 2), Rule("8 x 1", 8, 1)]
    halved = [Rule("12 x 3, half stopped at 1/3", 12, 3, halved=True)]
    races = [
        Rule(f"{begun} x 1, then {24 - begun} more: {name}", begun, 1, 24 - begun, allocation=name)
        for begun in (8, 12, 16, 20)
        for name in ALLOCATIONS
    ]
    half = [Rule(f"8 x 1, then 4 more: {name}", 8, 1, 4, 4, name) for name in ALLOCATIONS]
    also = [
        Rule("8 x 3, training episodes too", 8, 3, episodes=True),
        Rule("24 x 1, training episodes too", 24, 1, episodes=True),
        Rule("16 x 1, then 8 more: halving, training episodes too", 16, 1, 8, episodes=True),
    ]
    return (*plain, *halved, *races, *half, *also)


@dataclass(frozen=True)
class Seen:
    """What rules may look at: R rewards on S seeds."""

    final: Float[np.ndarray, "R S"]  # success in evaluation episodes; 0 for a training that failed
    early: Float[np.ndarray, "R S"]  # in the training episodes around a third of the training
    training: Float[np.ndarray, "R S"]  # in those of its last fifth

    def drawn(self, rewards: Int[np.ndarray, " K"], seeds: Int[np.ndarray, " S"]) -> Seen:
        """Some rewards, with their seeds in some order."""
        place = np.ix_(rewards, seeds)
        return Seen(self.final[place], self.early[place], self.training[place])


def judge_rules(folders: Sequence[Path], resamplings: int, compared: Sequence[Rule] | None = None) -> ChoicesView:
    """Compare the rules on one bank, whose seeds may lie in several folders.

    Raises:
        UsageError: there is no bank, the folders are of different tasks or lengths, or too little of it is trained.
    """
    plans = [read_plan(folder) for folder in folders]
    for folder, plan in zip(folders, plans, strict=True):
        if plan is None:
            raise UsageError(f"{folder}: there is no reward bank.", "Train it: autoreward bench bank --env ENV")
    known = [plan for plan in plans if plan is not None]
    seen = join_banks(folders, known)
    able = [rule for rule in compared or rules() if rule.candidates <= len(seen.final)]
    if len(able) < 2 or seen.final.shape[1] < 4:
        raise UsageError(
            f"{folders[0]}: {len(seen.final)} rewards with {seen.final.shape[1]} seeds each are trained, expected at "
            "least 8 with 4.",
            "Go on with the training, or add a folder with further seeds of the same rewards: --folder DIR.",
        )
    return ChoicesView(
        env=known[0].env,
        task=known[0].task,
        rewards=len(seen.final),
        seeds=seen.final.shape[1],
        n_timesteps=known[0].n_timesteps,
        resamplings=resamplings,
        rows=tuple(_rows(able, seen, resamplings)),
    )


def common_rewards(folders: Sequence[Path], plans: Sequence[BankPlan]) -> list[str]:
    """The rewards that all folders have trained; human and sparse are no candidates."""
    names = [trained_rewards(folder, plan) for folder, plan in zip(folders, plans, strict=True)]
    return [name for name in names[0] if all(name in some for some in names) and name not in (HUMAN, SPARSE)]


def join_banks(folders: Sequence[Path], plans: Sequence[BankPlan]) -> Seen:
    """The rewards of `common_rewards` in that order, with the seeds of all folders.

    Raises:
        UsageError: the folders hold banks of different tasks or lengths.
    """
    if len({(plan.env, plan.task, plan.n_timesteps) for plan in plans}) > 1:
        raise UsageError(
            f"{folders[0]} and others hold banks of different tasks or lengths.", "Name folders of one task."
        )
    common, parts = common_rewards(folders, plans), []
    for folder, plan in zip(folders, plans, strict=True):
        trained = trained_rewards(folder, plan)
        parts.append(_look(load_bank(folder, plan), [trained.index(name) for name in common]))
    kinds = ("final", "early", "training")
    return Seen(*(np.concatenate([getattr(part, kind) for part in parts], axis=1) for kind in kinds))


def _look(bank: Bank, places: Sequence[int]) -> Seen:
    final = np.nan_to_num(bank.final[0][places], nan=0.0)
    early = np.nan_to_num(bank.at(STOPPED_AT)[0][places], nan=-np.inf)
    curves = bank.curves[0][places]
    last = curves[..., -(curves.shape[-1] // LAST) :]
    ended = np.isfinite(last).sum(axis=-1)
    training = np.where(np.isfinite(last), last, 0.0).sum(axis=-1) / np.maximum(ended, 1)
    return Seen(final, early, np.where(ended > 0, training, final))


def play(rule: Rule, seen: Seen, rng: np.random.Generator) -> tuple[int, float]:
    """What a rule chooses of a generation, and what that comes to on the seeds that it has not seen.

    Args:
        seen: the rewards in the order in which they are proposed, with their seeds in the order in which they are used.
    """
    count, most = rule.candidates, seen.final.shape[1] - 1
    used = np.zeros(seen.final.shape, bool)
    used[:count, : rule.seeds] = True
    if rule.halved:
        early = seen.early[:count, : rule.seeds].mean(axis=1)
        used[np.argsort(-early, kind="stable")[count_survivors(count, STOPPED) :]] = False
    left = rule.further
    while left > 0:
        posterior = estimate(_values(rule, seen, used))
        if posterior is None:
            break
        for name in ALLOCATIONS[rule.allocation](posterior, min(left, rule.slots), most, rng):
            used[int(name), used[int(name)].sum()] = True
        left -= rule.slots
    chosen = _best(_values(rule, seen, used))
    return chosen, float(seen.final[chosen][~used[chosen]].mean())


def _values(rule: Rule, seen: Seen, used: Bool[np.ndarray, "R S"]) -> dict[str, list[float]]:
    """What the rule judges by, of each reward that it has paid for."""
    final = seen.final
    if rule.episodes:
        paid, training = final[used], seen.training
        spread = training[used].std()
        alike = (training - training[used].mean()) / spread * paid.std() + paid.mean() if spread > 0.0 else final
        final = 0.5 * (final + alike)
    return {str(place): final[place][row].tolist() for place, row in enumerate(used) if row.any()}


def _best(values: dict[str, list[float]]) -> int:
    posterior = estimate(values)
    means = posterior.means if posterior else {name: float(np.mean(several)) for name, several in values.items()}
    return int(max(means, key=lambda name: means[name]))


def _rows(compared: Sequence[Rule], seen: Seen, resamplings: int) -> Iterator[ChoiceRow]:
    rng, everything = np.random.default_rng(0), np.arange(len(seen.final))
    chosen = _played(compared, seen, everything, resamplings, rng)
    banks = [
        _played(compared, seen, rng.choice(everything, len(everything)), GENERATIONS, rng).mean(axis=0)
        for _ in range(BANKS)
    ]
    for place, rule in enumerate(compared):
        base = chosen[:, 0]
        relative = [float((one[place] - one[0]) / one[0]) for one in banks]
        yield ChoiceRow(
            rule=rule.name,
            candidates=rule.candidates,
            trainings=round(rule.trainings, 2),
            chosen=as_interval(chosen[:, place]),
            difference=as_interval((chosen[:, place] - base) / abs(base.mean())) if place else None,
            over_banks=percentiles(relative) if place else None,
        )


def _played(
    compared: Sequence[Rule], seen: Seen, rewards: Int[np.ndarray, " R"], count: int, rng: np.random.Generator
) -> Float[np.ndarray, "count rules"]:
    """What each rule chose, in true success, on the same draws."""
    rows = []
    for _ in range(count):
        drawn = seen.drawn(rng.permutation(rewards), rng.permutation(seen.final.shape[1]))
        rows.append([play(rule, drawn, rng)[1] for rule in compared])
    return np.asarray(rows)
