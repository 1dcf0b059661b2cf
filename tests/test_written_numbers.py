"""Numbers as people write them; what is none is told with examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.written_numbers import read_amount, read_count, read_seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("300000", 300_000), ("300_000", 300_000), ("20k", 20_000), ("1.5M", 1_500_000), ("1e6", 1_000_000),
        ("2.5e3", 2_500), ("1g", 10**9), (" 7 ", 7), ("-3", -3), ("0", 0), ("+4", 4),
    ],
)  # fmt: skip
def test_counts(text: str, value: int) -> None:
    assert read_count(text) == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("900", 900.0),
        ("900s", 900.0),
        ("15m", 900.0),
        ("15min", 900.0),
        ("2h", 7200.0),
        ("1.5d", 129_600.0),
        ("0", 0.0),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert read_seconds(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "20q", "k", "1.5", "1e400", "1e-3", "nan", "inf", "0x10", "\u0664", "9" * 100, "3 4"]
)
def test_what_is_no_count(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a whole number, for instance .*20k"):
        read_count(text)


@pytest.mark.parametrize("text", ["", "10parsecs", "soon", "nan", "inf", "1e999", "m", "2:30"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected seconds, .*15m"):
        read_seconds(text)


@pytest.mark.parametrize("text", ["", "cheap", "nan", "-inf", "5 USD", "1" * 1000])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a number"):
        read_amount(text)


@given(st.integers(-(10**20), 10**20))
def test_every_whole_number_is_read_as_it_is(value: int) -> None:
    assert read_count(str(value)) == read_count(f"{value:_}") == value


@given(st.text(max_size=40))
def test_no_text_does_anything_else_than_be_read_or_refused(text: str) -> None:
    for read in (read_count, read_seconds, read_amount):
        try:
            assert isinstance(read(text), int | float)
        except ValueError as error:
            assert str(error).startswith("expected ")
