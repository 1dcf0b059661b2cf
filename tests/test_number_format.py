"""Three digits, the same everywhere."""

from __future__ import annotations

import pytest

from autoreward.number_format import float_literal, number, with_interval
from autoreward.records import Fitness


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"), (0.0, "0"), (-0.0, "0"), (0.71234, "0.712"), (-4.5, "-4.5"), (123.4, "123"), (999.7, "1000"),
        (1234.4, "1234"), (2.5e10, "2.5e+10"), (float("nan"), "nan"), (float("inf"), "inf"),
    ],
)  # fmt: skip
def test_number(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_mean_with_its_interval() -> None:
    assert with_interval(None) == "-"
    assert with_interval(Fitness(mean=0.7123, low=0.6222, high=0.8, seeds=5, episodes=50)) == "0.712 [0.622, 0.8]"
    assert with_interval(Fitness(mean=1234.4, low=None, high=None, seeds=1, episodes=10)) == "1234"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.5, 3, "0.5"),
        (-3, 3, "-3.0"),
        (1 / 3, 3, "0.333"),
        (1 / 3, 6, "0.333333"),
        (-0.0, 3, "0.0"),
        (1e-7, 6, "1e-07"),
    ],
)
def test_a_literal_is_always_a_float(value: float, digits: int, text: str) -> None:
    assert float_literal(value, digits) == text
