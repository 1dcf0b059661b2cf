"""How much two numbers of the same episodes go together."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Num
from numpy.typing import NDArray

MIN_PAIRS = 3  # two pairs always lie on a line
ROUNDING = 1e-6  # relative: sums of equal float32 numbers differ in their last digits


def correlation(first: Num[np.ndarray, " first"], second: Num[np.ndarray, " second"]) -> float | None:
    """Pearson's correlation of two arrays; None when either is constant or too few pairs are finite."""
    if len(first) != len(second):
        return None
    finite = np.isfinite(first) & np.isfinite(second)
    a, b = first[finite], second[finite]
    if len(a) < MIN_PAIRS or _constant(a) or _constant(b):
        return None
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1.0, 1.0))


def _constant(values: NDArray[Any]) -> bool:
    return bool(np.ptp(values) <= ROUNDING * float(np.max(np.abs(values))))
