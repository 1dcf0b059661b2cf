"""Intervals over seeds: hand-computed numbers, and how often they hold the true mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autoreward.intervals import compare_paired, interval, paired_interval, probability_above_zero
from autoreward.records import Fitness

REPETITIONS = 2_000
BOOTSTRAPPED = 400


def bounds(fitness: Fitness | None) -> tuple[float, float]:
    assert fitness is not None and fitness.low is not None and fitness.high is not None
    return fitness.low, fitness.high


def covered(distribution: str, seeds: int) -> float:
    """Share of simulated experiments whose interval holds the true mean, 1."""
    rng = np.random.default_rng(seeds)
    draws = (
        rng.exponential(1.0, (REPETITIONS, seeds))
        if distribution == "exponential"
        else rng.normal(1.0, 1.0, (REPETITIONS, seeds))
    )
    repetitions = draws[:BOOTSTRAPPED] if seeds >= 20 else draws
    found = [bounds(interval(row.tolist(), seeds)) for row in repetitions]
    return float(np.mean([low <= 1.0 <= high for low, high in found]))


@pytest.mark.parametrize(
    ("distribution", "seeds", "least", "most"),
    [
        ("normal", 3, 0.935, 0.965),
        ("normal", 5, 0.935, 0.965),
        ("normal", 10, 0.935, 0.965),
        ("normal", 20, 0.90, 0.96),
        ("exponential", 3, 0.86, 0.90),
        ("exponential", 5, 0.86, 0.90),
        ("exponential", 10, 0.88, 0.92),
        ("exponential", 20, 0.88, 0.94),
    ],
)
def test_it_covers_what_the_module_says(distribution: str, seeds: int, least: float, most: float) -> None:
    assert least <= covered(distribution, seeds) <= most


def test_five_seeds_are_wider_than_a_percentile_bootstrap_says() -> None:
    """t with 4 degrees of freedom: 3 +- 2.776 * sqrt(2.5 / 5)."""
    low, high = bounds(interval([1.0, 2.0, 3.0, 4.0, 5.0], 50))
    half = 2.7764451051977934 * math.sqrt(0.5)
    assert (low, high) == (pytest.approx(3.0 - half), pytest.approx(3.0 + half))


def test_twenty_seeds_are_bootstrapped_and_skew_moves_the_bounds() -> None:
    """BCa follows a long tail to the right; Student's t would stay symmetric."""
    low, high = bounds(interval([0.0] * 15 + [1.0, 2.0, 3.0, 4.0, 5.0], 1))
    mean = 0.75
    assert high - mean > 1.2 * (mean - low)
    assert low > 0.0


def test_one_value_has_no_bounds_and_equal_values_have_their_own() -> None:
    assert interval([], 0) is None
    assert interval([2.0], 10) == Fitness(mean=2.0, low=None, high=None, seeds=1, episodes=10)
    assert bounds(interval([2.0] * 25, 10)) == (2.0, 2.0)


def test_shared_seeds_cancel() -> None:
    own, other = {0: 11.0, 1: 21.0, 2: 31.0, 9: 0.0}, {0: 10.0, 1: 20.0, 2: 30.0, 7: 5.0}
    difference = paired_interval(own, other, 10)
    assert difference == Fitness(mean=1.0, low=1.0, high=1.0, seeds=3, episodes=30)


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [((1.0, 2.0, 3.0), "not distinguishable"), ((2.0, 2.1, 2.2), "better"), ((-2.0, -2.1, -2.2), "worse")],
)
def test_the_words_follow_from_the_interval(difference: tuple[float, ...], verdict: str) -> None:
    """Of 1, 2, 3 it is 2 +- 4.303 / sqrt(3): from -0.48 on."""
    other = {seed: 10.0 * seed for seed in range(3)}
    compared = compare_paired({seed: other[seed] + value for seed, value in enumerate(difference)}, other, 10)
    assert compared is not None
    assert compared.verdict == verdict


def test_one_shared_seed_says_nothing() -> None:
    assert compare_paired({0: 1.0, 1: 2.0}, {0: 0.0}, 10) is None


def test_the_interval_of_a_paired_difference() -> None:
    found = paired_interval({0: 2.0, 1: 6.0}, {0: 1.0, 1: 3.0, 7: 0.0}, episodes=10)
    assert found is not None
    # 1 and 3: mean 2, t over two seeds: 12.706 times the standard error 1
    assert (found.mean, found.seeds, found.episodes) == (2.0, 2, 20)
    assert found.high == pytest.approx(2.0 + 12.706, abs=1e-3)
    assert paired_interval({0: 1.0}, {1: 1.0}, 10) is None


def test_how_likely_a_difference_is_above_zero() -> None:
    # 1 and 3: mean 2, standard error 1; Student's t with one degree of freedom, 1/2 + atan(2) / pi
    assert probability_above_zero([1.0, 3.0]) == pytest.approx(0.5 + math.atan(2.0) / math.pi)
    assert probability_above_zero([-1.0, -3.0]) == pytest.approx(0.5 - math.atan(2.0) / math.pi)
    assert [probability_above_zero([value, value]) for value in (-1.0, 0.0, 2.0)] == [0.0, 0.5, 1.0]
