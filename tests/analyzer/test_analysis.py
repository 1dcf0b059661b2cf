"""Curves, terms, correlations and trajectories, with numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.analyzer import analyze, render_analysis
from autoreward.analyzer.correlation import correlation
from autoreward.recordings import unflatten
from autoreward.records import Analysis, EnvSpec, MemberResult
from tests.analyzer.conftest import analyze_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]
Member = Callable[..., MemberResult]
NAN = float("nan")


def test_curve_is_the_mean_over_seeds_of_means_over_a_part(env: EnvSpec, member: Member) -> None:
    success = {0: [NAN, 1.0, 3.0, NAN], 1: [NAN, NAN, 6.0, NAN]}
    arrays: Arrays = {f"c/{seed}/success": np.float32(values) for seed, values in success.items()}
    arrays |= {f"c/{seed}/steps": np.array([10, 20, 30, 40]) for seed in success}
    arrays |= {"d/0/steps": np.array([10]), "d/0/success": np.float32([99.0])}
    curve = analyze_arrays("c", {}, [member(0), member(1)], arrays, env, n_timesteps=40).curve
    assert [point.env_steps for point in curve] == [10, 20, 30, 40]
    assert [point.success for point in curve] == [None, 1.0, 4.5, None]  # (3 + 6) / 2
    assert {point.progress for point in curve} == {None}


def test_curve_has_ten_points_at_most(env: EnvSpec, member: Member) -> None:
    arrays: Arrays = {"c/0/steps": np.arange(1, 101) * 10, "c/0/own_return": np.arange(1, 101, dtype=np.float32)}
    curve = analyze_arrays("c", {}, [member()], arrays, env, n_timesteps=1000).curve
    assert [point.env_steps for point in curve] == list(range(100, 1001, 100))
    assert curve[0].own_return == 5.5 and curve[-1].own_return == 95.5  # means of 1..10 and of 91..100


def test_terms(env: EnvSpec, member: Member) -> None:
    # Four rollouts a seed, two terms; the second half counts for the share.
    mean = {0: [[0, 0], [9, 9], [3, -2], [5, -2]], 1: [[2, 0], [9, 9], [1, -2], [3, -6]]}
    arrays: Arrays = {}
    for seed, values in mean.items():
        arrays |= {f"c/{seed}/{name}": np.float32(values) for name in ("term_mean", "term_low", "term_high")}
        arrays[f"c/{seed}/steps"] = np.array([1, 2, 3, 4])
    terms = analyze_arrays("c", {"speed": 2.0, "effort": -1.0}, [member(0), member(1)], arrays, env, 4).terms
    speed, effort = terms
    # |2 * speed|: (6 + 10) / 2 = 8 and (2 + 6) / 2 = 4, mean 6; |effort|: 2 and 4, mean 3; shares 6/9 and 3/9
    assert (speed.name, speed.weight, speed.share) == ("speed", 2.0, pytest.approx(2 / 3))
    assert effort.share == pytest.approx(1 / 3)
    assert (speed.low, speed.high, speed.start, speed.end) == (0.0, 9.0, 1.0, 4.0)
    assert (effort.low, effort.high, effort.start, effort.end) == (-6.0, 9.0, 0.0, -4.0)
    assert speed.correlation is None


def test_a_rollout_with_nan_is_left_out(env: EnvSpec, member: Member) -> None:
    values = np.float32([[1.0], [NAN], [3.0]])
    arrays: Arrays = {f"c/0/{name}": values for name in ("term_mean", "term_low", "term_high")}
    (term,) = analyze_arrays("c", {"speed": 1.0}, [member()], arrays, env, 3).terms
    assert (term.low, term.high, term.share) == (1.0, 3.0, 1.0)


def test_correlations_over_episodes_of_all_seeds(env: EnvSpec, member: Member) -> None:
    # success 1, 2, 3, 4; term a: 1, 3, 2, 4 -> r = 4 / 5; the weight -1 turns the income around
    arrays: Arrays = {
        "c/0/episodes_success": np.float32([1, 2]), "c/1/episodes_success": np.float32([3, 4]),
        "c/0/episodes_own": np.float32([-1, -3]), "c/1/episodes_own": np.float32([-2, -4]),
        "c/0/episodes_terms": np.float32([[1, 7], [3, 7]]), "c/1/episodes_terms": np.float32([[2, 7], [4, 7]]),
    }  # fmt: skip
    for seed in (0, 1):
        arrays |= {f"c/{seed}/{name}": np.float32([[1.0, 7.0]]) for name in ("term_mean", "term_low", "term_high")}
    analysis = analyze_arrays("c", {"a": -1.0, "b": 1.0}, [member(0), member(1)], arrays, env, 4)
    assert analysis.terms[0].correlation == pytest.approx(-0.8)
    assert analysis.terms[1].correlation is None  # constant
    assert analysis.total_correlation == pytest.approx(-0.8)


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


def test_fitness_counts_trained_members_only(env: EnvSpec, member: Member) -> None:
    arrays: Arrays = {
        f"c/{seed}/evaluation_{name}": np.zeros(10) for seed in (0, 1) for name in ("success", "progress")
    }
    members = [member(0, success=1.0, length=100.0), member(1, success=3.0, length=50.0)]
    analysis = analyze_arrays("c", {}, [*members, member(2, status="failed", success=None)], arrays, env, 4)
    assert analysis.fitness is not None
    # t over two seeds: 2 +- 12.706 * 1, the standard error being sqrt(2) / sqrt(2)
    assert (analysis.fitness.mean, analysis.fitness.seeds, analysis.fitness.episodes) == (2.0, 2, 20)
    assert analysis.fitness.low == pytest.approx(2.0 - 12.706, abs=1e-3)
    assert analysis.episode_length == 75.0


def test_nothing_recorded(env: EnvSpec, member: Member) -> None:
    nothing = analyze_arrays("c", {"a": 1.0}, [member(status="failed", success=None, progress=None)], {}, env, 4)
    assert (nothing.fitness, nothing.curve, nothing.terms, nothing.trajectories) == (None, (), (), ())


def _trajectory(seed: int, label: str, steps: int) -> Arrays:
    time = np.arange(1, steps + 1, dtype=np.float32)
    wave, zigzag, spike = np.cos(time), (-1.0) ** time, np.float32(time == 1)
    return {
        f"c/{seed}/trajectory/{label}/position": np.stack([time / steps, 0 * time, 0.5 * wave], axis=1),
        f"c/{seed}/trajectory/{label}/tilt": 0.1 * zigzag,
        # the first repeats the position; of the other three, one field shows two at most
        f"c/{seed}/trajectory/{label}/joints": np.stack([-time, spike, time % 3, time % 5], axis=1),
        f"c/{seed}/trajectory/{label}/observation": np.stack([time, time], axis=1),
        f"c/{seed}/trajectory/{label}/terms": np.stack([time, time], axis=1),
    }


def _arrays_with_trajectories() -> Arrays:
    arrays: Arrays = _trajectory(0, "worst", 3) | _trajectory(1, "best", 100)
    for seed, success in ((0, [0.5, 0.25]), (1, [1.0, 4.0])):
        arrays |= {f"c/{seed}/evaluation_success": np.float32(success), f"c/{seed}/evaluation_progress": np.zeros(2)}
        arrays |= {f"c/{seed}/evaluation_length": np.array([100, 3]) if seed == 0 else np.array([50, 100])}
    for seed in (0, 1):
        arrays |= {f"c/{seed}/{name}": np.float32([[1.0, 3.0]]) for name in ("term_mean", "term_low", "term_high")}
    return arrays


@pytest.fixture
def with_trajectories(env: EnvSpec, member: Member) -> Analysis:
    arrays = _arrays_with_trajectories()
    return analyze_arrays("c", {"fast": 2.0, "cheap": -1.0}, [member(0), member(1)], arrays, env, 4)


def test_the_order_in_which_terms_were_recorded_makes_no_difference(
    env: EnvSpec, member: Member, with_trajectories: Analysis
) -> None:
    """The same numbers under the same names, in other columns and with weights in another order."""
    arrays = {
        name: array[:, ::-1] if name.rpartition("/")[2].startswith("term") and array.ndim == 2 else array
        for name, array in _arrays_with_trajectories().items()
    }
    members, weights = [member(0), member(1)], {"fast": 2.0, "cheap": -1.0}
    shuffled = analyze("c", weights, members, unflatten(arrays, {"c": ("cheap", "fast")}), env, 4)
    assert shuffled == with_trajectories
    assert render_analysis(shuffled, for_prompt=True) == render_analysis(with_trajectories, for_prompt=True)
    turned = dict(reversed(weights.items()))
    by_name = {
        term.name: term for term in analyze("c", turned, members, unflatten(arrays, {"c": tuple(turned)}), env, 4).terms
    }
    assert by_name == {term.name: term for term in with_trajectories.terms}


def test_trajectories_in_a_few_moments(with_trajectories: Analysis) -> None:
    best, worst = with_trajectories.trajectories
    assert (best.label, worst.label) == ("best: success 4, 100 steps", "worst: success 0.25, 3 steps")
    assert best.columns == worst.columns
    assert best.columns == (
        "time [s]", "position.z [m]", "position.x [m]", "tilt [rad]", "joints[2] [rad]", "joints[3] [rad]",
        "pays fast", "pays cheap",
    )  # fmt: skip
    # control period 0.1 s; 8 of 100 rows, evenly; the third row is index round(2 * 99 / 7) = 28, step 29
    assert len(best.rows) == 8 and len(worst.rows) == 3
    assert best.rows[0][0] == pytest.approx(0.1) and best.rows[-1][0] == pytest.approx(10.0)
    assert best.rows[2] == pytest.approx((2.9, 0.5 * np.cos(29.0), 0.29, -0.1, 2.0, 4.0, 58.0, -29.0), rel=1e-5)


def test_the_record_survives_json(with_trajectories: Analysis) -> None:
    assert Analysis.model_validate_json(with_trajectories.model_dump_json()) == with_trajectories
