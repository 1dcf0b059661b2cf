"""Changes between parts of training: certain and large ones, hints, and what noise looks like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.analyzer.change import Change, change, early_to_late, middle_to_late, peak_to_late

STEPS = np.arange(100.0)


def test_a_change_by_hand() -> None:
    before, after = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([5.0, 6.0, 7.0, 8.0, 9.0])
    found = change(before, after, np.concatenate([before, after]))
    assert found is not None
    assert (found.before, found.after) == (3.0, 7.0)
    # variance 2.5 in each: the error of the difference is sqrt(2.5 / 5 + 2.5 / 5) = 1
    assert (found.error, found.sigma) == (pytest.approx(1.0), pytest.approx(4.0))
    # around the common mean 5: 16 + 9 + 4 + 1 + 0 twice, over ten values
    assert found.size == pytest.approx(4.0 / np.sqrt(6.0))


def test_fewer_than_five_episodes_show_nothing() -> None:
    assert change(np.ones(4), np.ones(5), np.ones(9)) is None
    assert change(np.ones(5), np.ones(5), np.ones(10)) is not None


def test_without_noise_a_change_is_certain_and_none_is_none() -> None:
    risen = change(np.zeros(5), np.ones(5), np.repeat([0.0, 1.0], 5))
    assert risen is not None and risen.sigma == np.inf and risen.rises
    kept = change(np.ones(5), np.ones(5), np.ones(10))
    assert kept is not None and (kept.sigma, kept.size) == (0.0, 0.0) and not kept.hints_at_rise


@pytest.mark.parametrize(
    ("sigma", "size", "rises", "hints", "falls"),
    [
        (3.0, 0.5, True, True, False),
        (2.9, 0.5, False, True, False),  # not certain
        (9.0, 0.3, False, True, False),  # certain, and small
        (1.9, 0.5, False, False, False),
        (-5.0, -0.5, False, False, True),
        (-4.9, -0.5, False, False, False),  # the highest of ten windows always lies above the mean
    ],
)
def test_what_a_change_is_called(sigma: float, size: float, rises: bool, hints: bool, falls: bool) -> None:
    found = Change(0.0, 1.0, sigma, size, 0.1)
    assert (found.rises, found.hints_at_rise, found.falls_from_peak) == (rises, hints, falls)


def test_early_and_late_are_fifths() -> None:
    found = early_to_late(STEPS, STEPS)
    assert found is not None
    # the quantiles of 0 ... 99 at 0.2 and 0.8 are 19.8 and 79.2: 0 ... 19 and 80 ... 99
    assert (found.before, found.after) == (9.5, 89.5)


def test_the_middle_is_a_fifth() -> None:
    found = middle_to_late(STEPS, STEPS)
    # the quantiles at 0.4 and 0.6 are 39.6 and 59.4: 40 ... 59
    assert found is not None and (found.before, found.after) == (49.5, 89.5)


@pytest.mark.parametrize("compare", [early_to_late, middle_to_late])
def test_no_comparison_without_a_story(compare: object) -> None:
    assert callable(compare)
    assert compare(np.zeros(0), np.zeros(0)) is None
    assert compare(np.zeros(50), np.arange(50.0)) is None  # all ended at the same moment
    assert compare(STEPS, np.full(100, np.nan)) is None


def test_episodes_that_are_not_finite_are_left_out() -> None:
    values = np.where(STEPS == 99.0, np.inf, STEPS)
    found = early_to_late(STEPS, values)
    assert found is not None and np.isfinite(found.after)


def test_from_the_peak() -> None:
    hill = 10.0 - np.abs(STEPS - 44.5) / 10.0
    found = peak_to_late(STEPS, hill, STEPS)
    assert found is not None
    step, fall, rise = found
    assert step == 49  # the last step of the fifth of ten windows, 40 ... 49
    assert fall.falls_from_peak and rise.rises and rise.after == 94.5


def test_no_peak_where_it_cannot_be_told() -> None:
    assert peak_to_late(STEPS, STEPS, STEPS[:5]) is None
    assert peak_to_late(STEPS, np.where(STEPS == 3.0, np.nan, STEPS), STEPS) is None
    assert peak_to_late(STEPS[:20], STEPS[:20], STEPS[:20]) is None  # windows of two


@given(st.lists(st.floats(-100, 100), min_size=30, max_size=60), st.floats(-1e3, 1e3), st.floats(0.5, 100))
def test_the_verdict_knows_no_units(values: list[float], offset: float, factor: float) -> None:
    """Whether success is in m/s or mm/s, and where its zero lies, makes no difference."""
    steps, array = np.arange(len(values), dtype=float), np.round(np.array(values), 3)
    first, second = early_to_late(steps, array), early_to_late(steps, factor * array + offset)
    assert first is not None and second is not None
    if np.ptp(array) > 0.1 and first.error > 1e-6:
        assert second.sigma == pytest.approx(first.sigma, rel=1e-3, abs=1e-3)
        assert second.size == pytest.approx(first.size, rel=1e-3, abs=1e-3)
