"""Successive halving: which candidates go on at a rung, and which are stopped.

Source: Jamieson & Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization".
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from autoreward.number_format import number
from autoreward.records import Finding, Rung

_ROUNDING = 1e-9  # 1/3 of 9 candidates are 3, whatever the last bit says

HALVING = (Rung(at=1 / 3, keep=0.5),)  # what `design.halving` stands for
Score = tuple[float, float]  # success and progress; higher is better
NOTHING: Score = (float("-inf"), float("-inf"))  # of a candidate that failed


def count_survivors(count: int, keep: float) -> int:
    """How many of `count` candidates go on where the share `keep` is kept: rounded up, at least one."""
    return max(1, ceil(keep * count - _ROUNDING))


def rank(scores: Sequence[Score]) -> list[int]:
    """Positions from best to worst; a tie goes to the earlier one."""
    return sorted(range(len(scores)), key=lambda position: scores[position], reverse=True)


def select_survivors(scores: Sequence[Score | None], keep: float) -> list[int]:
    """Positions of the candidates that go on, in their order.

    Args:
        scores: one a candidate; NOTHING where it failed, None where no episode has ended yet. Then everybody goes on:
            a robot that does not fall has its first episode behind it later than one that does.
        keep: share that goes on.
    """
    known = [score for score in scores if score is not None]
    if len(known) < len(scores):
        return list(range(len(scores)))
    return sorted(rank(known)[: count_survivors(len(known), keep)])


def count_whole_trainings(count: int, rungs: Sequence[Rung]) -> float:
    """What `count` candidates cost where some are stopped at rungs, in trainings to the end."""
    cost, before = 0.0, 0.0
    for rung in rungs:
        cost += count * (rung.at - before)
        count, before = count_survivors(count, rung.keep), rung.at
    return cost + count * (1.0 - before)


def by_iteration(rungs: Sequence[Rung], iterations: int) -> dict[int, Rung]:
    """The rungs by the number of iterations that come before them; one at the very end has no use."""
    by_number = {max(1, ceil(rung.at * iterations - _ROUNDING)): rung for rung in rungs}
    return {iteration: rung for iteration, rung in sorted(by_number.items()) if iteration < iterations}


def explain_stop(scores: Sequence[Score | None], position: int, kept: int, env_steps: int, of: int) -> Finding:
    """What is said of a candidate that does not go on."""
    success, progress = scores[position] or NOTHING
    place = rank([score or NOTHING for score in scores]).index(position) + 1
    return Finding(
        rule="training.stopped",
        severity="warning",
        message=(
            f"Stopped after {env_steps:,} of {of:,} steps: success {number(success)} and progress {number(progress)} "
            f"over its last training episodes were place {place} of {len(scores)}, and the best {kept} went on."
        ),
    )
