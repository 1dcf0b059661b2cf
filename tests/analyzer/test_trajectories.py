"""The best and the worst episode as tables of a few moments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.analyzer.trajectories import trajectory_tables
from autoreward.analyzer.written import progress_in_fifths
from autoreward.recordings import unflatten
from autoreward.records import Analysis, EnvSpec, EpisodeBound, MemberResult


def test_trajectories_in_a_few_moments(with_trajectories: Analysis) -> None:
    best, worst = with_trajectories.trajectories
    assert (best.label, worst.label) == ("best: success 4, 100 steps", "worst: success 0.25, 3 steps")
    assert best.columns == worst.columns
    assert best.columns == (
        "time [s]", "position.z [m]", "position.x [m]", "tilt [rad]", "joints[2] [rad]", "joints[3] [rad]",
        "pays fast", "pays cheap", "value of fast", "value of cheap",
    )  # fmt: skip
    assert len(best.rows) == 8 and len(worst.rows) == 3
    assert best.rows[0][0] == pytest.approx(0.1) and best.rows[-1][0] == pytest.approx(10.0)
    for row in best.rows:  # control period 0.1 s; joints 2 and 3 are the step modulo 3 and 5
        step = round(10 * row[0])
        fields = (0.5 * np.cos(step), step / 100, 0.1 * (-1.0) ** step, step % 3, step % 5)
        assert row == pytest.approx((step / 10, *fields, 2.0 * step, -step, step, step), rel=1e-5)


def test_rows_stand_where_things_change_and_not_in_a_static_tail(env: EnvSpec) -> None:
    """The tilt is 0, rises from step 21 to step 26 in the first third, and stays."""
    tilt = np.interp(np.arange(100), [20, 25], [0.0, 0.4])
    (best,) = trajectory_tables(recorded({"0/trajectory/best/tilt": tilt.tolist()}), env, ())
    steps = [round(10 * row[0]) for row in best.rows]
    assert {1, 21, 26, 100} <= set(steps)
    assert len([step for step in steps if step > 26]) <= 2  # the end, and what is spread evenly before it


def test_progress_stands_beside_the_income_of_the_same_parts(env: EnvSpec) -> None:
    arrays = {"0/trajectory/best/tilt": [0.1] * 20, "0/trajectory/best/part_progress": [i / 10 for i in range(1, 11)]}
    (best,) = trajectory_tables(recorded(arrays), env, ())
    assert best.progress == pytest.approx([i / 10 for i in range(1, 11)])
    assert progress_in_fifths(best) == "0.2, 0.4, 0.6, 0.8, 1"


def test_an_end_names_the_quantity_that_left_its_bounds(env: EnvSpec) -> None:
    bounds = (EpisodeBound(entry="position.z", low=0.7), EpisodeBound(entry="tilt", low=-0.2, high=0.2))
    arrays = {"0/trajectory/best/tilt": [0.1, 0.19, 0.213], "0/trajectory/best/terminated": [0.0, 0.0, 1.0]}
    flat = {**arrays, "0/trajectory/best/position": [[0.0, 0.0, 0.9]] * 3}
    (best,) = trajectory_tables(recorded(flat), env.model_copy(update={"bounds": bounds}), ())
    assert [(moment.name, moment.what) for moment in best.moments] == [("terminated", "tilt 0.213 > 0.2")]


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
