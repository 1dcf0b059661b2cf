"""What is kept of a training."""

from __future__ import annotations

import numpy as np

from autoreward.bench.bank.condense import bin_curve, bin_ends, condense
from autoreward.recordings import unflatten


def test_a_curve_is_kept_in_forty_means() -> None:
    steps = np.arange(1, 81) * 100
    curve = np.full(80, np.nan)
    curve[0], curve[1] = 1.0, 3.0  # the first bin: mean 2
    curve[3] = 5.0  # of the second bin, one iteration without an episode
    kept = bin_curve(curve, steps)
    assert kept[0] == 2.0 and kept[1] == 5.0
    assert np.isnan(kept[2:]).all() and len(kept) == 40
    np.testing.assert_array_equal(bin_ends(steps)[[0, 1, 39]], [200, 400, 8000])


def test_a_short_curve_is_kept_whole() -> None:
    steps = np.array([10, 20, 30])
    np.testing.assert_array_equal(bin_curve(np.array([1.0, np.nan, 3.0]), steps), [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(bin_ends(steps), steps)


def test_two_trajectories_a_reward_are_kept_in_key_fields() -> None:
    arrays: dict[str, np.ndarray] = {}
    for seed in range(2):
        arrays |= {f"a/{seed}/{name}": np.arange(2.0) for name in ("success", "progress", "own_return", "length")}
        arrays |= {f"a/{seed}/evaluation_{name}": np.full(3, float(seed)) for name in ("success", "progress", "length")}
        arrays[f"a/{seed}/steps"] = np.array([8, 16])
    arrays["a/1/trajectory/best/torso_position"] = np.arange(75.0).reshape(25, 3)
    arrays["a/1/trajectory/best/torso_up"] = np.zeros((25, 3))
    kept = condense(unflatten(arrays, {}), ["a"], 2)
    assert kept["curve/success"].shape == (1, 2, 2)
    np.testing.assert_array_equal(kept["evaluation/success"][0], [[0, 0, 0], [1, 1, 1]])
    np.testing.assert_array_equal(kept["trajectory/a/best/torso_position"][:, 0], [0.0, 30.0, 60.0])
    assert not [name for name in kept if "torso_up" in name]
