"""What is kept of a training: curves in few points, final evaluations, and two trajectories a reward."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.recordings import LABELS, EvaluationEpisodes, MemberRecording, TrainingCurves

POINTS = 40  # of a curve
CURVES = ("success", "progress", "own_return", "length")
EVALUATIONS = ("success", "progress", "length")
KEY_FIELDS = ("torso_position", "torso_mean_velocity", "torso_pitch", "joint_position", "action")
STRIDE = 10  # every tenth step of a trajectory is kept


def condense(recordings: Iterable[MemberRecording], names: Sequence[str], seeds: int) -> dict[str, NDArray[Any]]:
    """The arrays of a chunk.

    Args:
        recordings: as the trainer returns them.
        names: the rewards of the chunk, R of them.
        seeds: S, of each reward, from 0 on.

    Returns:
        `steps` `[P]`, `curve/NAME` `[R, S, P]`, `evaluation/NAME` `[R, S, episodes]`, all float32 but steps, and
        `trajectory/REWARD/best|worst/FIELD` `[L, ...]`.
    """
    by_member = {(one.candidate, one.seed): one for one in recordings}
    members = [[_complete(by_member[name, seed]) for seed in range(seeds)] for name in names]
    steps = members[0][0][0].env_steps
    arrays: dict[str, NDArray[Any]] = {"steps": bin_ends(steps)}
    for kind in CURVES:
        rows = [[bin_curve(getattr(curves, kind), steps) for curves, _ in row] for row in members]
        arrays[f"curve/{kind}"] = np.asarray(rows, np.float32)
    for kind in EVALUATIONS:
        measured = [[getattr(evaluation, kind) for _, evaluation in row] for row in members]
        arrays[f"evaluation/{kind}"] = np.asarray(measured, np.float32)
    for name in names:
        for seed in range(seeds):
            arrays |= _thin_trajectories(by_member[name, seed])
    return arrays


def _complete(recording: MemberRecording) -> tuple[TrainingCurves, EvaluationEpisodes]:
    assert recording.curves is not None and recording.evaluation is not None  # the bank's tasks have metrics
    return recording.curves, recording.evaluation


def bin_ends(steps: NDArray[Any]) -> NDArray[Any]:
    """Environment steps at the end of each bin of a curve, int64 `[P]`.

    Args:
        steps: environment steps at the end of each iteration `[I]`.
    """
    bins = _bins(steps)
    return np.asarray([steps[bins == index].max() for index in range(bins[-1] + 1)], np.int64)


def bin_curve(curve: NDArray[Any], steps: NDArray[Any]) -> NDArray[Any]:
    """Means over the iterations of each bin `[P]`; NaN where no episode ended in any of them."""
    bins, known = _bins(steps), np.isfinite(curve)
    counts = np.bincount(bins, weights=known, minlength=bins[-1] + 1)
    totals = np.bincount(bins, weights=np.where(known, curve, 0.0), minlength=bins[-1] + 1)
    return np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)


def _bins(steps: NDArray[Any]) -> NDArray[Any]:
    """The bin of each iteration `[I]`: equal shares of all iterations, at most POINTS of them."""
    points = min(POINTS, len(steps))
    return np.arange(len(steps)) * points // len(steps)


def _thin_trajectories(recording: MemberRecording) -> dict[str, NDArray[Any]]:
    """The best and the worst evaluation episode of a reward, key fields only, every tenth step."""
    arrays = {}
    for label in (one for one in LABELS if one in recording.trajectories):
        trajectory = recording.trajectories[label]
        for name, array in {**trajectory.fields, "action": trajectory.action}.items():
            if name in KEY_FIELDS and array is not None:
                # A position grows to hundreds of metres, where float16 has steps of a quarter.
                precision = np.float32 if name == "torso_position" else np.float16
                arrays[f"trajectory/{recording.candidate}/{label}/{name}"] = array[::STRIDE].astype(precision)
    return arrays
