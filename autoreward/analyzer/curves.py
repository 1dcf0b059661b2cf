"""Training in about ten points: means over the seeds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from autoreward.analyzer.recordings import CandidateRecordings, finite_mean
from autoreward.records import CurvePoint

POINTS = 10
QUANTITIES = ("success", "progress", "own_return", "length")


def training_curve(recordings: CandidateRecordings, n_timesteps: int) -> tuple[CurvePoint, ...]:
    """Splits training into equal parts; each seed gives its mean over a part, a point is the mean of those.

    Args:
        recordings: with training curves.
        n_timesteps: environment steps of one member.

    Returns:
        One point for each part in which any seed finished a rollout, at the end of the part.
    """
    steps = [curves.env_steps for curves in recordings.all_curves]
    if not steps:
        return ()
    parts = min(POINTS, max(len(array) for array in steps))
    ends = np.ceil(np.linspace(0, max(n_timesteps, max(array[-1] for array in steps)), parts + 1))
    return tuple(
        _point(recordings, start, end)
        for start, end in pairwise(ends.tolist())
        if any(((array > start) & (array <= end)).any() for array in steps)
    )


def _point(recordings: CandidateRecordings, start: float, end: float) -> CurvePoint:
    means = {name: _mean_over_seeds(recordings, name, start, end) for name in QUANTITIES}
    return CurvePoint(env_steps=int(end), **means)


def _mean_over_seeds(recordings: CandidateRecordings, name: str, start: float, end: float) -> float | None:
    means = []
    for member in recordings.members:
        curves = recordings.curves(member.seed)
        if curves is not None:
            values = getattr(curves, name)
            means.append(finite_mean(values[(curves.env_steps > start) & (curves.env_steps <= end)]))
    return finite_mean(np.array([mean for mean in means if mean is not None], np.float64))
