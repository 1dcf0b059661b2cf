"""What each term paid over time: in the parts of an episode, and in the parts of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Num

from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.recordings import episode_parts
from autoreward.records import CurvePoint, TermIncome


def episode_income(
    times: Num[np.ndarray, " L"], paid: Mapping[str, Num[np.ndarray, " L"]]
) -> tuple[tuple[float, ...], tuple[TermIncome, ...]]:
    """Sums of weighted terms over ten parts of an episode, as equal as its steps allow; fewer for a shorter one.

    Args:
        times: [s] since reset.
        paid: weighted terms by name.

    Returns:
        The ends of the parts [s], and the income of each term in each part; empty where no terms were recorded.
    """
    if not paid or not len(times):
        return (), ()
    parts = episode_parts(len(times))
    income = [
        TermIncome(name=name, parts=tuple(float(series[part].sum()) for part in parts)) for name, series in paid.items()
    ]
    return tuple(float(times[part[-1]]) for part in parts), tuple(income)


def training_income(
    recordings: CandidateRecordings, weights: Mapping[str, float], curve: Sequence[CurvePoint]
) -> dict[str, tuple[float | None, ...]]:
    """Mean weighted income a step of each term in each part of training; every seed counts the same.

    Args:
        recordings: with training curves.
        curve: the points whose `env_steps` are the ends of the parts.
    """
    ends = [0.0, *(float(point.env_steps) for point in curve)]
    rows = [mean_income(recordings, weights, start, end) for start, end in pairwise(ends)]
    return {name: tuple(None if row is None else row[name] for row in rows) for name in weights}


def mean_income(
    recordings: CandidateRecordings,
    weights: Mapping[str, float],
    start: float,
    end: float,
    seeds: Sequence[int] | None = None,
) -> dict[str, float] | None:
    """Mean weighted income a step of each term between two moments of training.

    Args:
        start: [environment steps] rollouts that end later count.
        end: up to here.
        seeds: all by default.

    Returns:
        By term; None where no seed finished a rollout in which every term was finite.
    """
    means = []
    for seed in [member.seed for member in recordings.members] if seeds is None else seeds:
        curves = recordings.curves(seed)
        if curves is not None and curves.term_mean.shape[1] == len(weights):
            inside = curves.term_mean[(curves.env_steps > start) & (curves.env_steps <= end)]
            finite = inside[np.isfinite(inside).all(axis=1)]
            means += [finite.mean(axis=0)] if len(finite) else []
    if not means:
        return None
    mean = dict(zip(recordings.term_names, np.mean(means, axis=0), strict=True))
    return {name: float(weight * mean[name]) for name, weight in weights.items()}
