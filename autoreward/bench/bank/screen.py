"""`autoreward bench screen`: would it pay to look at rewards before any of them is trained: what they prefer, and how
near they are to each other?

A reward is asked to order whole episodes that nobody designed (environment/undirected.py): its agreement is Kendall's
tau between the return that it gives each of them and their success. The bank then tells what rewards of which
agreement come to, and whether it pays to ask for more programs than are trained and to leave out those that agree
least; or those that are nearly the same as one before them, by their STARC distance with survival
(search/duplicates.py). Nothing is trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from autoreward.bench.bank.choices import Rule, Seen, common_rewards, join_banks, play
from autoreward.bench.bank.replay import as_interval
from autoreward.bench.bank.stored import read_plan
from autoreward.bench.metrics import tau
from autoreward.config import Settings
from autoreward.critic import check
from autoreward.critic.metric_drafts import compile_drafts, order_of, score_draft
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import load_task
from autoreward.environment.undirected import UndirectedEpisodes, undirected_episodes
from autoreward.errors import UsageError
from autoreward.records import CompiledMetric, CompiledReward, MetricDraft
from autoreward.reward.composition import pay_alone
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.duplicates import reward_distances
from autoreward.views import Interval, NearRewards, ScreenRow, ScreenView

ROUNDING = 1e-6  # relative: returns that differ by less are equal
NEARNESS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.01)  # limits of distances that are told together
GROUPS = 4  # of rewards, by agreement
LEAST_SEEDS = 4  # of each: three are seen


@dataclass(frozen=True)
class Screen:
    """Which of the rewards that were asked for are trained: the best by agreement, all above a threshold, or those that
    differ.

    Attributes:
        drawn: programs that are asked for; None: as many as it takes until enough are above the threshold.
        least: agreement that a reward needs.
        apart: distance that a reward needs to all that are trained beside it.
    """

    name: str
    rule: Rule
    drawn: int | None
    least: float = -math.inf
    apart: float = 0.0

    def passing(self, agreement: Float[np.ndarray, " R"], distances: Float[np.ndarray, "R R"]) -> Int[np.ndarray, " K"]:
        """Places of the rewards that are trained, in the order in which they were proposed.

        Args:
            agreement: of the rewards in that order.
            distances: between them; NaN where nothing is known.
        """
        if self.apart:
            kept: list[int] = []
            for place in range(len(agreement)):
                if len(kept) < self.rule.candidates and not (distances[place, kept] < self.apart).any():
                    kept.append(place)
            return np.asarray(kept, int)
        if self.drawn is None:
            return np.flatnonzero(agreement >= self.least)[: self.rule.candidates]
        best = np.argsort(-agreement[: self.drawn], kind="stable")[: self.rule.candidates]
        return np.sort(best)

    def can_draw(self, agreement: Float[np.ndarray, " R"], distances: Float[np.ndarray, "R R"]) -> bool:
        """Whether these rewards are enough for a generation, in any order."""
        enough = len(self.passing(agreement, distances)) == self.rule.candidates
        return len(agreement) >= (self.drawn or 0) and enough


PLAIN, RACE = Rule("8 x 3", 8, 3), Rule("16 x 1, then 8 more", 16, 1, 8)
SCREENS = (
    Screen("8 x 3, none left out", PLAIN, 8),
    Screen("8 x 3, the best 8 of 12 by agreement", PLAIN, 12),
    Screen("8 x 3, the best 8 of 16 by agreement", PLAIN, 16),
    Screen("8 x 3, agreement at least 0", PLAIN, None, 0.0),
    Screen("8 x 3, agreement at least 0.2", PLAIN, None, 0.2),
    Screen("8 x 3, at least 0.02 apart", PLAIN, None, apart=0.02),
    Screen("8 x 3, at least 0.05 apart", PLAIN, None, apart=0.05),
    Screen("8 x 3, at least 0.1 apart", PLAIN, None, apart=0.1),
    Screen("8 x 3, at least 0.2 apart", PLAIN, None, apart=0.2),
    Screen("16 x 1, then 8 more, none left out", RACE, 16),
    Screen("16 x 1, then 8 more, the best 16 of 24 by agreement", RACE, 24),
    Screen("16 x 1, then 8 more, at least 0.05 apart", RACE, None, apart=0.05),
    Screen("16 x 1, then 8 more, at least 0.1 apart", RACE, None, apart=0.1),
)


def judge_screen(
    folder: Path, resamplings: int, settings: Settings, screens: tuple[Screen, ...] = SCREENS
) -> ScreenView:
    """Judge screening by preference on the bank in a folder.

    Raises:
        UsageError: there is no bank, or fewer than four rewards are trained.
    """
    plan = read_plan(folder)
    if plan is None:
        raise UsageError(f"{folder}: there is no reward bank.", "Train it: autoreward bench bank --env ENV")
    seen, names = join_banks([folder], [plan]), common_rewards([folder], [plan])
    sources = {reward.name: reward.source for reward in plan.rewards if reward.name in names}
    environment = open_environment(plan.env, plan.task)
    known = agreements(environment, plan.task, sources, settings)
    agreement = np.asarray([known.get(name, -1.0) for name in names])
    distances = distances_between(environment, names, sources, settings)
    success = seen.final.mean(axis=1)
    groups = np.array_split(np.argsort(agreement, kind="stable"), GROUPS)
    able = [one for one in screens if one.can_draw(agreement, distances)]
    if seen.final.shape[1] < LEAST_SEEDS or len(able) < 2:
        able = []  # no generation can be drawn from these
    if len(names) < GROUPS:
        raise UsageError(
            f"{folder}: {len(names)} rewards are trained, expected at least 4.", "Go on with the training."
        )
    return ScreenView(
        env=plan.env,
        task=plan.task,
        rewards=len(names),
        resamplings=resamplings,
        correlation=_spearman(agreement, success),
        groups=tuple(
            Interval(mean=float(success[one].mean()), low=float(agreement[one].min()), high=float(agreement[one].max()))
            for one in groups
        ),
        near=_near(distances, success),
        rows=_rows(able, seen, agreement, distances, resamplings) if able else (),
    )


def agreements(environment: Environment, task: str, sources: Mapping[str, str], settings: Settings) -> dict[str, float]:
    """Kendall's tau between the returns of each reward and success, over the episodes that nobody designed.

    0 where all returns are equal; rewards that the critic refuses are left out.
    """
    episodes, metric = undirected_episodes(environment.pack), load_task(environment.pack, task).metric
    assert metric is not None  # a pack's task has one
    own = MetricDraft(id="task", sentence=metric.meaning, source=metric.code)
    with Sandbox(settings.require_isolation) as sandbox:
        compiled = compile_drafts([own], environment.spec, sandbox)["task"]
        assert isinstance(compiled, CompiledMetric)  # it is tested with the pack
        order = order_of(score_draft(compiled, episodes, sandbox))
        verdicts = check(list(sources.items()), environment.spec, environment.transitions, sandbox)
    pay = returns_of(episodes)
    return {one.candidate: tau(places(pay(one.reward)), order) or 0.0 for one in verdicts if one.reward is not None}


def distances_between(
    environment: Environment, names: Sequence[str], sources: Mapping[str, str], settings: Settings
) -> Float[np.ndarray, "R R"]:
    """STARC distances with survival between rewards, on random transitions; NaN for those that cannot be evaluated."""
    with Sandbox(settings.require_isolation) as sandbox:
        verdicts = check(list(sources.items()), environment.spec, environment.transitions, sandbox)
        compiled = {one.candidate: one.reward for one in verdicts if one.reward is not None}
        gamma = settings.ppo.gamma if settings.ppo.gamma is not None else environment.spec.gamma
        found, known = reward_distances(compiled, environment.transitions, gamma, sandbox)
    distances = np.full((len(names), len(names)), np.nan)
    rows = [names.index(name) for name in found]
    distances[np.ix_(rows, rows)] = known
    return distances


def _near(distances: Float[np.ndarray, "R R"], success: Float[np.ndarray, " R"]) -> tuple[NearRewards, ...]:
    """How far apart the successes of two rewards are, by how far apart the rewards are."""
    first, second = np.triu_indices(len(success), 1)
    apart, differing = distances[first, second], np.abs(success[first] - success[second])
    found = []
    for low, high in pairwise(NEARNESS):
        inside = (apart >= low) & (apart < high)
        if inside.any():
            mean = float(differing[inside].mean())
            found.append(NearRewards(low=low, high=high, pairs=int(inside.sum()), difference=mean))
    return tuple(found)


def returns_of(episodes: UndirectedEpisodes) -> Callable[[CompiledReward], Float[np.ndarray, " N"]]:
    """A function from a compiled reward to the return of each episode, without its first step: nobody saw its state."""
    steps, count = episodes.valid.shape
    arrays: dict[str, NDArray[Any]] = {}
    for name, array in episodes.fields.items():
        after, before = (part.reshape(-1, *array.shape[2:]) for part in (array[1:], array[:-1]))
        arrays |= {"action": after} if name == "action" else {f"next_state.{name}": after, f"state.{name}": before}

    def pay(compiled: CompiledReward) -> Float[np.ndarray, " N"]:
        from autoreward.reward.program import RewardProgram  # needs jax

        terms = np.asarray(RewardProgram(compiled)(arrays)[0], np.float64)
        paid = np.nan_to_num(pay_alone(np, compiled, terms, np.zeros(len(terms)))).reshape(steps - 1, count)
        return np.asarray((paid * (episodes.valid[1:] > 0)).sum(axis=0))

    return pay


def places(returns: Float[np.ndarray, " N"]) -> Int[np.ndarray, " N"]:
    """The place of each episode by return; those within rounding share one."""
    step = ROUNDING * max(float(np.ptp(returns)), 1e-12)
    return np.unique(np.round(returns / step), return_inverse=True)[1]


def _rows(
    screens: list[Screen],
    seen: Seen,
    agreement: Float[np.ndarray, " R"],
    distances: Float[np.ndarray, "R R"],
    resamplings: int,
) -> tuple[ScreenRow, ...]:
    rng, chosen, asked = np.random.default_rng(0), [], []
    for _ in range(resamplings):
        order, seeds = rng.permutation(len(agreement)), rng.permutation(seen.final.shape[1])
        passing = [one.passing(agreement[order], distances[np.ix_(order, order)]) for one in screens]
        pairs = list(zip(screens, passing, strict=True))
        asked.append([one.drawn or kept[-1] + 1 for one, kept in pairs])
        chosen.append([play(one.rule, seen.drawn(order[kept], seeds), rng)[1] for one, kept in pairs])
    table = np.asarray(chosen)
    base = table[:, 0]
    return tuple(
        ScreenRow(
            rule=one.name,
            asked=round(float(np.mean([row[place] for row in asked])), 1),
            chosen=as_interval(table[:, place]),
            difference=as_interval((table[:, place] - base) / abs(base.mean())) if place else None,
        )
        for place, one in enumerate(screens)
    )


def _spearman(first: Float[np.ndarray, " R"], second: Float[np.ndarray, " R"]) -> float:
    from scipy import stats

    return float(stats.spearmanr(first, second).statistic)
