"""Training in about ten points: means over the seeds."""

from __future__ import annotations

from itertools import pairwise

from autoreward.analyzer.recordings import Recordings, finite_mean
from autoreward.records import CurvePoint

POINTS = 10
QUANTITIES = ("success", "progress", "own_return", "length")


def training_curve(recordings: Recordings, n_timesteps: int) -> tuple[CurvePoint, ...]:
    """Splits training into equal parts; each seed gives its mean over a part, a point is the mean of those.

    Args:
        recordings: with `steps [I]` and, for each quantity, a mean a rollout `[I]`, NaN where no episode ended.
        n_timesteps: environment steps of one member.

    Returns:
        One point for each part in which any seed finished a rollout, at the end of the part.
    """
    import numpy as np

    steps = recordings.each("steps")
    if not steps:
        return ()
    parts = min(POINTS, max(len(array) for array in steps))
    ends = np.ceil(np.linspace(0, max(n_timesteps, max(array[-1] for array in steps)), parts + 1))
    return tuple(
        _point(recordings, start, end)
        for start, end in pairwise(ends.tolist())
        if any(((array > start) & (array <= end)).any() for array in steps)
    )


def _point(recordings: Recordings, start: float, end: float) -> CurvePoint:
    means = {name: _mean_over_seeds(recordings, name, start, end) for name in QUANTITIES}
    return CurvePoint(env_steps=int(end), **means)


def _mean_over_seeds(recordings: Recordings, name: str, start: float, end: float) -> float | None:
    import numpy as np

    means = []
    for member in recordings.members:
        steps, values = recordings.one(member.seed, "steps"), recordings.one(member.seed, name)
        if steps is not None and values is not None:
            means.append(finite_mean(values[(steps > start) & (steps <= end)]))
    return finite_mean(np.array([mean for mean in means if mean is not None], np.float64))
