"""The 95 % interval of a mean over seeds: Student's t below twenty seeds, the BCa bootstrap from twenty on.

How often it holds the true mean, in 2,000 simulated experiments: on normal data 95 to 96 % at 3, 5 and 10 seeds, 93 %
at 20 and 40; on strongly skewed (exponential) data 88, 88 and 90 % at 3, 5 and 10 seeds, 91 % at 20, 92 % at 40. From
twenty seeds on Student's t would cover as much or a little more on both (96 and 91 % at 20), but its bounds can leave
what success can be; a percentile bootstrap of five seeds covers 84 %. `tests/test_intervals.py` repeats this.

Source: Student 1908; Efron 1987, "Better bootstrap confidence intervals".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autoreward.records import Fitness, PairedDifference

CONFIDENCE = 0.95
BOOTSTRAP_FROM = 20  # seeds
RESAMPLES = 9_999


def interval(values: Sequence[float], episodes: int) -> Fitness | None:
    """Mean over seeds with its interval.

    Args:
        values: one mean a seed; every one finite.
        episodes: evaluation episodes in all.

    Returns:
        None for no values; no bounds for one value; bounds equal to the mean where all values are equal.
    """
    if not values:
        return None
    mean = float(np.mean(values))
    if len(values) == 1:
        return Fitness(mean=mean, low=None, high=None, seeds=1, episodes=episodes)
    low, high = (mean, mean) if float(np.ptp(values)) == 0.0 else _bounds(values)
    return Fitness(mean=mean, low=low, high=high, seeds=len(values), episodes=episodes)


def paired_interval(own: Mapping[int, float], other: Mapping[int, float], episodes: int) -> Fitness | None:
    """Mean of own - other over the seeds that both have, with its interval: the spread of the seeds cancels.

    Args:
        own: one mean a seed; every one finite.
        other: the same of what it is compared with.
        episodes: evaluation episodes a seed.
    """
    differences = [value - other[seed] for seed, value in own.items() if seed in other]
    return interval(differences, len(differences) * episodes)


def compare_paired(own: Mapping[int, float], other: Mapping[int, float], episodes: int) -> PairedDifference | None:
    """The paired difference and what it says; None where fewer than two seeds are shared.

    Args:
        own: one mean a seed; every one finite.
        other: the same of what it is compared with.
        episodes: evaluation episodes a seed.
    """
    difference = paired_interval(own, other, episodes)
    if difference is None or difference.low is None or difference.high is None:
        return None
    verdict = "better" if difference.low > 0.0 else "worse" if difference.high < 0.0 else "not distinguishable"
    values = [value - other[seed] for seed, value in own.items() if seed in other]
    probability = probability_above_zero(values)
    return PairedDifference.model_validate({"fitness": difference, "verdict": verdict, "probability": probability})


def probability_above_zero(values: Sequence[float]) -> float:
    """How likely the true mean of some values is above zero: Student's t around what was seen, with a flat prior.

    Args:
        values: at least two.
    """
    from scipy import stats

    mean, error = float(np.mean(values)), float(stats.sem(values))
    if error == 0.0:
        return 0.5 if mean == 0.0 else float(mean > 0.0)
    return float(stats.t.cdf(mean / error, len(values) - 1))


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """Low and high of two or more values that are not all equal."""
    from scipy import stats

    if len(values) >= BOOTSTRAP_FROM:
        resampled = stats.bootstrap(
            (np.asarray(values),), np.mean, n_resamples=RESAMPLES, confidence_level=CONFIDENCE,
            method="BCa", rng=np.random.default_rng(0),
        )  # fmt: skip
        low, high = resampled.confidence_interval
    else:
        low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    return float(low), float(high)
