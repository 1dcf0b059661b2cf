"""How much of what one sees is the rewards' doing."""

from __future__ import annotations

import pytest

from autoreward.bench.bank.summary import reliability


def test_reliability_by_hand() -> None:
    # Means 1 and 3, so B = 3 * 2 = 6; variances 1 and 1, so W = 1: (6 - 1) / (6 + 2), (6 - 1) / 6.
    assert reliability([[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]]) == pytest.approx((5 / 8, 5 / 6))
    assert reliability([[0.0, 2.0], [2.0, 0.0]]) == (0.0, 0.0)  # the means are equal
    assert reliability([[1.0, 1.0], [1.0, 1.0]]) == reliability([[1.0, 2.0]]) == (None, None)
