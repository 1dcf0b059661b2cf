"""The 95 % interval of a mean over seeds: Student's t below five seeds, bootstrap from five on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autoreward.records import Fitness

CONFIDENCE = 0.95
BOOTSTRAP_FROM = 5  # seeds
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
    import numpy as np
    from scipy import stats

    mean = float(np.mean(values))
    if len(values) == 1:
        return Fitness(mean=mean, low=None, high=None, seeds=1, episodes=episodes)
    if float(np.ptp(values)) == 0.0:
        low = high = mean
    elif len(values) < BOOTSTRAP_FROM:
        low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=mean, scale=stats.sem(values))
    else:
        result = stats.bootstrap(
            (np.asarray(values),), np.mean, n_resamples=RESAMPLES, confidence_level=CONFIDENCE,
            method="percentile", rng=np.random.default_rng(0),
        )  # fmt: skip
        low, high = result.confidence_interval
    return Fitness(mean=mean, low=float(low), high=float(high), seeds=len(values), episodes=episodes)


def paired_interval(own: Mapping[int, float], other: Mapping[int, float], episodes: int) -> Fitness | None:
    """Mean of own - other over the seeds that both have, with its interval: the spread of the seeds cancels.

    Args:
        own: one mean a seed; every one finite.
        other: the same of what it is compared with.
        episodes: evaluation episodes a seed.
    """
    differences = [value - other[seed] for seed, value in own.items() if seed in other]
    return interval(differences, len(differences) * episodes)
