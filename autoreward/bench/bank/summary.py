"""What a bank says: each reward beside the human one, and how much of what one sees is the reward's doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from autoreward.bench.bank.rewards import BankReward
from autoreward.bench.bank.stored import BankPlan, read_chunk
from autoreward.intervals import compare_paired, interval
from autoreward.records import MemberResult
from autoreward.search.final_evaluation import HUMAN, SPARSE
from autoreward.views import BankRow, BankSummary, BankView

Seeds = Mapping[int, float]  # mean success of each seed whose training succeeded


def bank_view(folder: Path, plan: BankPlan) -> BankView:
    """How far a bank is, and the success of every reward that has been trained, best first."""
    chunks = {index: chunk for index in range(plan.chunks) if (chunk := read_chunk(folder, index)) is not None}
    members = [member for chunk in chunks.values() for member in chunk.members]
    trained = [reward for index in chunks for reward in plan.chunk(index)]
    by_reward = {reward.name: _by_seed(members, reward.name) for reward in trained}
    rows = [_row(reward, members, by_reward, plan) for reward in trained]
    rows.sort(key=lambda row: row.fitness.mean if row.fitness else float("-inf"), reverse=True)
    return BankView(
        env=plan.env,
        task=plan.task,
        folder=str(folder),
        rewards=len(plan.rewards),
        seeds=plan.seeds,
        n_timesteps=plan.n_timesteps,
        rows=tuple(rows),
        summary=_summary(rows, by_reward),
        env_steps=sum(chunk.env_steps for chunk in chunks.values()),
        seconds=sum(chunk.seconds for chunk in chunks.values()),
    )


def _by_seed(members: Sequence[MemberResult], name: str) -> Seeds:
    trained = [member for member in members if member.candidate == name and member.status == "trained"]
    return {member.seed: member.success for member in trained if member.success is not None}


def _row(
    reward: BankReward, members: Sequence[MemberResult], by_reward: Mapping[str, Seeds], plan: BankPlan
) -> BankRow:
    successes, human = by_reward[reward.name], by_reward.get(HUMAN, {})
    entered = sum(member.candidate == reward.name for member in members)
    compared = reward.name != HUMAN
    return BankRow(
        reward=reward.name,
        origin=reward.origin,
        fitness=interval(list(successes.values()), len(successes) * plan.evaluation_episodes),
        failed=entered - len(successes),
        refused=entered == 0,
        difference=compare_paired(successes, human, plan.evaluation_episodes) if compared else None,
    )


def _summary(rows: Sequence[BankRow], by_reward: Mapping[str, Seeds]) -> BankSummary | None:
    """What all rewards but the human one and sparse came to; None for fewer than two of them."""
    judged = [row for row in rows if row.reward not in (HUMAN, SPARSE)]
    human = next((row.fitness for row in rows if row.reward == HUMAN), None)
    means = [row.fitness.mean for row in judged if row.fitness is not None]
    if len(means) < 2:
        return None
    whole = [list(by_reward[row.reward].values()) for row in judged if row.fitness is not None and not row.failed]
    one_seed, all_seeds = reliability(whole)
    verdicts = [row.difference.verdict for row in judged if row.difference is not None]
    return BankSummary(
        rewards=len(judged),
        mean=float(np.mean(means)),
        above_human=sum(mean > human.mean for mean in means) if human else None,
        better_than_human=verdicts.count("better") if human else None,
        worse_than_human=verdicts.count("worse") if human else None,
        reliability_one_seed=one_seed,
        reliability_all_seeds=all_seeds,
    )


def reliability(values: Sequence[Sequence[float]]) -> tuple[float | None, float | None]:
    """The share of the variance of success that is the rewards' own: of one seed, and of the mean over S seeds.

    One-way analysis of variance: with B the mean square between rewards and W the one within,
    (B - W) / (B + (S - 1) W) and (B - W) / B, both at least 0: a negative estimate means that nothing was seen.

    Args:
        values: success of R rewards on S seeds each `[R, S]`.

    Returns:
        None for fewer than two rewards or seeds, and where all values are equal.

    Source: Shrout and Fleiss 1979, "Intraclass correlations", ICC(1, 1) and ICC(1, k).
    """
    table = np.asarray(values, float)
    if table.ndim != 2 or min(table.shape) < 2 or float(np.ptp(table)) == 0.0:
        return None, None
    seeds = table.shape[1]
    between = seeds * table.mean(axis=1).var(ddof=1)
    within = float(table.var(axis=1, ddof=1).mean())
    excess = max(0.0, float(between) - within)
    return excess / (float(between) + (seeds - 1) * within), excess / float(between) if between > 0.0 else 0.0
