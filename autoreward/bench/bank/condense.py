"""What is kept of a training: curves in few points, final evaluations, and two trajectories a reward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS = 40  # of a curve
CURVES = ("success", "progress", "own_return", "length")
EVALUATIONS = ("success", "progress", "length")
KEY_FIELDS = ("torso_position", "torso_mean_velocity", "torso_pitch", "joint_position", "action")
STRIDE = 10  # every tenth step of a trajectory is kept

Arrays = Mapping[str, "NDArray[Any]"]


def condensed(arrays: Arrays, names: Sequence[str], seeds: int) -> dict[str, NDArray[Any]]:
    """The arrays of a chunk.

    Args:
        arrays: as the trainer returns them, keyed `candidate/seed/name`.
        names: the rewards of the chunk, R of them.
        seeds: S, of each reward, from 0 on.

    Returns:
        `steps` `[P]`, `curve/NAME` `[R, S, P]`, `evaluation/NAME` `[R, S, episodes]`, all float32 but steps, and
        `trajectory/REWARD/best|worst/FIELD` `[L, ...]`.
    """
    import numpy as np

    members = [[f"{name}/{seed}" for seed in range(seeds)] for name in names]
    steps = arrays[f"{names[0]}/0/steps"]
    made: dict[str, NDArray[Any]] = {"steps": bin_ends(steps)}
    for kind in CURVES:
        rows = [[binned(arrays[f"{key}/{kind}"], steps) for key in row] for row in members]
        made[f"curve/{kind}"] = np.asarray(rows, np.float32)
    for kind in EVALUATIONS:
        found = [[arrays[f"{key}/evaluation_{kind}"] for key in row] for row in members]
        made[f"evaluation/{kind}"] = np.asarray(found, np.float32)
    for name in names:
        made |= _trajectories(arrays, name)
    return made


def bin_ends(steps: NDArray[Any]) -> NDArray[Any]:
    """Environment steps at the end of each bin of a curve, int64 `[P]`.

    Args:
        steps: environment steps at the end of each iteration `[I]`.
    """
    import numpy as np

    bins = _bins(steps)
    return np.asarray([steps[bins == index].max() for index in range(bins[-1] + 1)], np.int64)


def binned(curve: NDArray[Any], steps: NDArray[Any]) -> NDArray[Any]:
    """Means over the iterations of each bin `[P]`; NaN where no episode ended in any of them."""
    import numpy as np

    bins, known = _bins(steps), np.isfinite(curve)
    counts = np.bincount(bins, weights=known, minlength=bins[-1] + 1)
    totals = np.bincount(bins, weights=np.where(known, curve, 0.0), minlength=bins[-1] + 1)
    return np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)


def _bins(steps: NDArray[Any]) -> NDArray[Any]:
    """The bin of each iteration `[I]`: equal shares of all iterations, at most POINTS of them."""
    import numpy as np

    points = min(POINTS, len(steps))
    return np.arange(len(steps)) * points // len(steps)


def _trajectories(arrays: Arrays, name: str) -> dict[str, NDArray[Any]]:
    """The best and the worst evaluation episode of a reward, key fields only, every tenth step."""
    import numpy as np

    made = {}
    for key, array in arrays.items():
        candidate, _, kind, *rest = key.split("/")
        if candidate == name and kind == "trajectory" and rest[1] in KEY_FIELDS:
            # A position grows to hundreds of metres, where float16 has steps of a quarter.
            precision = np.float32 if rest[1] == "torso_position" else np.float16
            made[f"trajectory/{name}/{'/'.join(rest)}"] = array[::STRIDE].astype(precision)
    return made
