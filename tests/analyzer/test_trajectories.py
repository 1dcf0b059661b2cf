"""The best and the worst episode as tables of a few moments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.analyzer.trajectories import trajectory_tables
from autoreward.recordings import unflatten
from autoreward.records import Analysis, EnvSpec, MemberResult


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


def recorded(arrays: Mapping[str, list[float]], seeds: int = 1) -> CandidateRecordings:
    members = [MemberResult(candidate="c", seed=seed, status="trained") for seed in range(seeds)]
    flat = {f"c/{name}": np.float32(values) for name, values in arrays.items()}
    return CandidateRecordings.of_candidate("c", members, unflatten(flat, {}), ())


def test_of_several_seeds_the_one_with_the_best_episode(env: EnvSpec) -> None:
    arrays = {f"{seed}/trajectory/best/tilt": [0.1 * seed, 0.2, 0.3] for seed in range(3)}
    for seed, success in enumerate(([1.0, 2.0], [7.0, 0.0], [3.0, 3.0])):
        arrays |= {f"{seed}/evaluation_success": success, f"{seed}/evaluation_length": [3.0, 3.0]}
    (best,) = trajectory_tables(recorded(arrays, seeds=3), env, ())
    assert best.label == "best: success 7, 3 steps"
    assert best.rows[0] == pytest.approx((0.1, 0.1))  # of seed 1


def test_an_episode_without_a_measured_outcome_is_shown_all_the_same(env: EnvSpec) -> None:
    (best,) = trajectory_tables(recorded({"0/trajectory/best/tilt": [0.1, 0.2]}), env, ())
    assert best.label == "best" and best.columns == ("time [s]", "tilt [rad]")
    assert (best.part_ends, best.income) == ((), ())


def test_times_are_those_that_were_recorded(env: EnvSpec) -> None:
    arrays = {"0/trajectory/best/tilt": [0.1, 0.2], "0/trajectory/best/time": [0.5, 0.75]}
    (best,) = trajectory_tables(recorded(arrays), env, ())
    assert [row[0] for row in best.rows] == [0.5, 0.75]


def test_what_never_moves_is_not_told(env: EnvSpec) -> None:
    arrays = {"0/trajectory/best/tilt": [0.2] * 3, "0/trajectory/worst/tilt": [0.2] * 3}
    best, worst = trajectory_tables(recorded(arrays), env, ())
    assert best.columns == worst.columns == ("time [s]",)


def test_nothing_recorded_gives_no_table(env: EnvSpec) -> None:
    assert trajectory_tables(recorded({}), env, ()) == ()
