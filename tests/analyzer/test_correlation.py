"""Pearson's correlation, and when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from autoreward.analyzer.correlation import correlation

if TYPE_CHECKING:
    pass

NAN = float("nan")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([1, 2, 3], [2, 4, 6], 1.0),
        ([1, 2, 3], [3, 3, 3], None),
        ([1, 2], [1, 2], None),
        ([1, 2, 3, NAN], [3, 2, 1, 5], -1.0),
        ([1, 2, 3], [0.1, 0.1 + 1e-9, 0.1], None),  # rounding is no variation
        ([0, 0, 0], [1, 2, 3], None),
        ([1, 2, 3], [1, 2], None),
    ],
)
def test_correlation(first: list[float], second: list[float], expected: float | None) -> None:
    found = correlation(np.array(first, np.float64), np.array(second, np.float64))
    assert found == (None if expected is None else pytest.approx(expected))
