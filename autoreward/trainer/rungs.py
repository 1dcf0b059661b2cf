"""Successive halving: which candidates go on at a rung, and which are stopped.

Source: Jamieson & Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization".
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

_ROUNDING = 1e-9  # 1/3 of 9 candidates are 3, whatever the last bit says

Score = tuple[float, float]  # success and progress; higher is better
NOTHING: Score = (float("-inf"), float("-inf"))  # of a candidate that failed


def survivors(count: int, keep: float) -> int:
    """How many of `count` candidates go on where the share `keep` is kept: rounded up, at least one."""
    return max(1, ceil(keep * count - _ROUNDING))


def ranked(scores: Sequence[Score]) -> list[int]:
    """Positions from best to worst; a tie goes to the earlier one."""
    return sorted(range(len(scores)), key=lambda position: scores[position], reverse=True)


def going_on(scores: Sequence[Score], keep: float) -> list[int]:
    """Positions of the candidates that go on, in their order; all of them where none has shown anything yet."""
    if all(score == NOTHING for score in scores):
        return list(range(len(scores)))
    return sorted(ranked(scores)[: survivors(len(scores), keep)])
