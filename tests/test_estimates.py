"""The hierarchical model of rewards and seeds: by hand where it can be, and calibrated on simulated rewards."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.estimates import PRIOR, RHO, estimate

DECKS = 600  # simulated generations


def test_nothing_is_said_of_one_reward_or_of_equal_values() -> None:
    assert estimate({}) is None
    assert estimate({"a": (1.0, 2.0), "b": ()}) is None
    assert estimate({"a": (2.0, 2.0), "b": (2.0,)}) is None


def test_seeds_without_noise_leave_nothing_open() -> None:
    seen = estimate({"a": (1.0, 1.0 + 1e-9), "b": (5.0, 5.0), "c": (3.0, 3.0)})
    assert seen is not None
    assert seen.reliability == pytest.approx(1.0, abs=0.02)
    assert seen.probability_best["b"] > 0.99
    assert seen.probability_better("a", "c") < 0.01
    assert seen.means["a"] == pytest.approx(1.0, abs=0.05)
    assert seen.seeds_to_decide("b", "c") == 0


def test_equal_means_are_shrunk_to_one_another() -> None:
    """All variance is within: the means 2, 2 and 2.5 are believed to differ by far less than a half."""
    seen = estimate({"a": (0.0, 4.0), "b": (4.0, 0.0), "c": (0.5, 4.5)})
    assert seen is not None
    assert seen.means["c"] - seen.means["a"] < 0.25
    assert 1 / 3 < seen.probability_best["c"] < 0.45
    assert seen.reliability < 0.5


def test_the_posterior_of_rho_by_hand() -> None:
    """Two rewards, two seeds each: (0, 2) and (4, 6). Their means 1 and 5 have the sum of squares 8, and 4 lie within.

    With k = tau^2 / sigma^2 the precision of a mean is w = 1 / (k + 1/2), and the likelihood
    w / sqrt(2 w) * (4 + 8 w)^(-3/2).
    """
    seen = estimate({"a": (0.0, 2.0), "b": (4.0, 6.0)})
    assert seen is not None
    precision = 1.0 / (RHO / (1.0 - RHO) + 0.5)
    likelihood = PRIOR * np.sqrt(precision / 2.0) * (4.0 + 8.0 * precision) ** -1.5
    rho = float((likelihood * RHO).sum() / likelihood.sum())
    assert seen.one_seed == pytest.approx(rho)


def test_one_without_seeds_is_taken_for_one_of_them() -> None:
    seen = estimate({"a": (1.0, 1.2), "b": (3.0, 3.1), "new": ()})
    assert seen is not None
    assert seen.means["new"] == pytest.approx(np.mean([1.1, 3.05]), abs=0.05)
    assert 0.2 < seen.probability_best["new"] < 0.6


def test_more_seeds_are_asked_for_where_the_difference_is_small() -> None:
    near = estimate({"a": (1.0, 3.0, 2.0), "b": (1.4, 3.4, 2.4)})
    far = estimate({"a": (1.0, 3.0, 2.0), "b": (4.0, 6.0, 5.0)})
    assert near is not None and far is not None
    few, many = far.seeds_to_decide("a", "b"), near.seeds_to_decide("a", "b")
    assert few is not None and (many is None or many > few)


@pytest.mark.parametrize("counts", [(3,) * 8, (1, 1, 1, 1, 2, 2, 4, 6)])
def test_probabilities_are_true_on_simulated_rewards(counts: tuple[int, ...]) -> None:
    """Of the decks where the best is said to be best with p, p are such: over all, and where p is above a half."""
    rng, said, true = np.random.default_rng(1), [], []
    for _ in range(DECKS):
        rho = rng.uniform()
        own = np.sqrt(rho) * rng.standard_normal(len(counts))
        seeds = [own[place] + np.sqrt(1.0 - rho) * rng.standard_normal(count) for place, count in enumerate(counts)]
        seen = estimate({str(place): several.tolist() for place, several in enumerate(seeds)})
        assert seen is not None
        draws = seen.draws(rng, 400).argmax(axis=1)
        best = max(seen.means, key=lambda name: seen.means[name])
        said.append(float((draws == int(best)).mean()))
        true.append(int(best) == int(own.argmax()))
    told, held = np.asarray(said), np.asarray(true, float)
    assert told.mean() == pytest.approx(held.mean(), abs=0.05)
    sure = told > 0.5
    assert sure.sum() > DECKS / 5
    assert told[sure].mean() == pytest.approx(held[sure].mean(), abs=0.06)


def test_shrunken_means_err_less_than_means() -> None:
    rng, raw, shrunken = np.random.default_rng(2), [], []
    for _ in range(200):
        own = rng.normal(0.0, 0.5, 8)
        values = own[:, None] + rng.standard_normal((8, 3))
        seen = estimate({str(place): row.tolist() for place, row in enumerate(values)})
        assert seen is not None
        raw.append(((values.mean(axis=1) - own) ** 2).mean())
        shrunken.append(((np.asarray(list(seen.means.values())) - own) ** 2).mean())
    assert np.mean(shrunken) < 0.75 * np.mean(raw)
