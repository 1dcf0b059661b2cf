"""Whether something really changed between two parts of training, or only looks like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Num
from numpy.typing import NDArray

PART = 0.2  # of the episodes: what "early" and "late" mean
WINDOWS = 10  # parts in which a peak is looked for
MIN_EPISODES = 5  # in each part: below, a standard error is itself a guess

# A clear change must be both certain and large. Certain: three standard errors; two are seen in one of twenty
# comparisons of pure noise, and an analysis makes about ten of them. Large: half a standard deviation of all
# episodes; a steady rise without noise gives 2.8.
CLEAR_SIGMA, CLEAR_SIZE = 3.0, 0.5
# Any hint of a change: what must be absent before it is said that nothing changed.
HINT_SIGMA, HINT_SIZE = 2.0, 0.2
# The highest of ten windows of pure noise lies 1.5 standard errors above the mean, so a fall from it must be larger.
PEAK_SIGMA = 5.0


@dataclass(frozen=True)
class Change:
    """The difference between the episodes of two parts of training."""

    before: float
    after: float
    sigma: float  # difference / its standard error
    size: float  # difference / standard deviation over all episodes
    error: float  # standard error of the difference

    @property
    def rises(self) -> bool:
        """Certainly and clearly higher."""
        return self.sigma >= CLEAR_SIGMA and self.size >= CLEAR_SIZE

    @property
    def hints_at_rise(self) -> bool:
        """Possibly higher."""
        return self.sigma >= HINT_SIGMA and self.size >= HINT_SIZE

    @property
    def falls_from_peak(self) -> bool:
        """Certainly and clearly lower, even though `before` was picked because it is the highest."""
        return self.sigma <= -PEAK_SIGMA and self.size <= -CLEAR_SIZE


def early_to_late(steps: Num[np.ndarray, " E"], values: Num[np.ndarray, " E"]) -> Change | None:
    """From the first to the last fifth of the episodes.

    Args:
        steps: when each episode ended.
        values: a number an episode.

    Returns:
        None where a part has too few episodes, or all ended at the same moment.
    """
    steps, values = _finite(steps, values)
    if not len(steps) or steps.min() == steps.max():
        return None
    early = steps <= np.quantile(steps, PART)
    late = steps >= np.quantile(steps, 1.0 - PART)
    return change(values[early & ~late], values[late & ~early], values)


def middle_to_late(steps: Num[np.ndarray, " E"], values: Num[np.ndarray, " E"]) -> Change | None:
    """From the fifth of the episodes in the middle to the last one; None as for `early_to_late`."""
    steps, values = _finite(steps, values)
    if not len(steps) or steps.min() == steps.max():
        return None
    low, high = np.quantile(steps, (0.5 - PART / 2, 0.5 + PART / 2))
    middle, late = (steps >= low) & (steps <= high), steps >= np.quantile(steps, 1.0 - PART)
    return change(values[middle & ~late], values[late & ~middle], values)


def peak_to_late(steps: NDArray[Any], values: NDArray[Any], other: NDArray[Any]) -> tuple[int, Change, Change] | None:
    """From the part of training where `values` was highest to the last part.

    Args:
        steps: when each episode ended.
        values: whose peak is looked for.
        other: what else is compared between the same two parts.

    Returns:
        (environment step of the peak, change of `values`, change of `other`); None where it cannot be told.
    """
    order = np.argsort(steps, kind="stable")
    windows = [part for part in np.array_split(order, WINDOWS) if len(part) >= MIN_EPISODES]
    if not len(steps) == len(values) == len(other) or len(windows) < 2:
        return None
    if not (np.isfinite(values).all() and np.isfinite(other).all()):
        return None
    peak = max(windows, key=lambda part: float(np.mean(values[part])))
    first = change(values[peak], values[windows[-1]], values)
    second = change(other[peak], other[windows[-1]], other)
    return None if first is None or second is None else (int(steps[peak].max()), first, second)


def change(
    before: Num[np.ndarray, " B"], after: Num[np.ndarray, " A"], everything: Num[np.ndarray, " E"]
) -> Change | None:
    """The change between two groups of episodes; None where either has fewer than `MIN_EPISODES`."""
    if min(len(before), len(after)) < MIN_EPISODES:
        return None
    difference = float(np.mean(after) - np.mean(before))
    error = float(np.sqrt(np.var(before, ddof=1) / len(before) + np.var(after, ddof=1) / len(after)))
    spread = float(np.std(everything))
    # A noiseless change is certain; no change at all is none.
    sigma = difference / error if error > 0.0 else float(np.sign(difference)) * np.inf if difference else 0.0
    size = difference / spread if spread > 0.0 else 0.0
    return Change(float(np.mean(before)), float(np.mean(after)), sigma, size, error)


def _finite(steps: NDArray[Any], values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    if len(steps) != len(values):
        return np.zeros(0), np.zeros(0)
    finite = np.isfinite(values)
    return steps[finite], values[finite]
