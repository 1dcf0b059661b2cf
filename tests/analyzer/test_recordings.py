"""The recordings of one candidate, by seed and pooled."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.analyzer.recordings import CandidateRecordings, finite_mean
from autoreward.recordings import unflatten
from autoreward.records import MemberResult

ARRAYS = {
    "c/1/steps": np.array([10, 20]), "c/1/term_mean": np.float32([[1, 2], [3, 4]]),
    "c/1/episodes_success": np.float32([5.0]), "c/0/episodes_success": np.float32([1.0, 2.0]),
    "c/0/evaluation_success": np.float32([0.1]), "c/0/trajectory/best/tilt": np.float32([0.1, 0.2]),
    "d/0/episodes_success": np.float32([99.0]),
}  # fmt: skip
MEMBERS = [
    MemberResult(candidate=candidate, seed=seed, status=status)
    for candidate, seed, status in (("c", 1, "trained"), ("d", 0, "trained"), ("c", 0, "failed"))
]


@pytest.fixture
def recordings() -> CandidateRecordings:
    recorded = unflatten(ARRAYS, {"c": ("b", "a")})
    return CandidateRecordings.of_candidate("c", MEMBERS, recorded, ("a", "b"))


def test_only_the_candidates_own_by_seed(recordings: CandidateRecordings) -> None:
    assert [member.seed for member in recordings.members] == [0, 1]
    assert [member.seed for member in recordings.trained] == [1]
    assert set(recordings.by_seed) == {0, 1}


def test_columns_stand_in_the_order_of_the_program(recordings: CandidateRecordings) -> None:
    curves = recordings.curves(1)
    assert curves is not None and curves.term_mean.tolist() == [[2.0, 1.0], [4.0, 3.0]]


def test_numbers_are_doubled(recordings: CandidateRecordings) -> None:
    evaluation, trajectory = recordings.evaluation(0), recordings.trajectory(0, "best")
    assert evaluation is not None and evaluation.success.dtype == np.float64
    assert trajectory is not None and trajectory.fields["tilt"].dtype == np.float64
    assert trajectory.terms is None


def test_what_is_not_there_is_none(recordings: CandidateRecordings) -> None:
    assert recordings.curves(0) is None and recordings.evaluation(1) is None
    assert recordings.curves(7) is None and recordings.trajectory(7, "best") is None
    assert recordings.trajectory(0, "worst") is None


def test_episodes_are_pooled_one_member_after_the_other(recordings: CandidateRecordings) -> None:
    assert recordings.episodes.success.tolist() == [1.0, 2.0, 5.0]
    assert len(recordings.all_curves) == 1


def test_no_recordings_are_no_episodes() -> None:
    nothing = CandidateRecordings.of_candidate("c", MEMBERS, (), ())
    assert len(nothing.episodes.success) == 0 and nothing.episodes.term_sums.shape == (0, 0)
    assert nothing.all_curves == []


@pytest.mark.parametrize(("values", "mean"), [([1.0, np.nan, 3.0, np.inf], 2.0), ([np.nan], None), ([], None)])
def test_finite_mean(values: list[float], mean: float | None) -> None:
    assert finite_mean(np.array(values, np.float64)) == mean
