"""What symptoms ask of the recordings: trends, and whether the task was solved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autoreward.analyzer.change import Change
from autoreward.analyzer.evidence import Evidence, moved
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.recordings import unflatten
from autoreward.records import EnvSpec, MemberResult

Find = Callable[..., Evidence]


@pytest.fixture
def evidence(env: EnvSpec, episodes: Callable[..., Any], member: Callable[..., MemberResult]) -> Find:
    """Of members with these training episodes and this progress in evaluation, one list a seed."""

    def make(evaluated: Sequence[Sequence[float]] = (), failed: Sequence[int] = (), **curves: Any) -> Evidence:
        arrays = episodes(**curves) if curves else {}
        for seed, values in enumerate(evaluated):
            arrays |= {f"c/{seed}/evaluation_{name}": np.float32(values) for name in ("success", "progress", "length")}
        seeds = range(max(1, len(evaluated)))
        members = [member(seed, status="failed" if seed in failed else "trained") for seed in seeds]
        return Evidence(CandidateRecordings.of_candidate("c", members, unflatten(arrays, {}), ()), (), env)

    return make


def test_a_trend_is_from_early_to_late(evidence: Find) -> None:
    found = evidence(success=lambda t: 10.0 * t, progress=lambda t: 0.0 * t)
    change = found.trend("success")
    assert change is not None and change.rises and change.after == pytest.approx(9.0, abs=0.1)
    assert found.follows
    assert not evidence(success=lambda t: 0.0 * t, progress=lambda t: 0.0 * t).follows
    assert evidence().trend("success") is None and not evidence().follows


@pytest.mark.parametrize(
    ("late", "evaluated", "solved", "once"),
    [
        (0.96, [], True, False),
        (0.94, [], False, False),
        (0.2, [[1.0, 0.95]], True, True),  # sampled actions fail, and the policies do not
        (0.2, [[1.0, 0.5]], False, True),
        (0.2, [[0.9, 0.9]], False, False),
        (0.2, [[np.nan, 1.0]], True, True),
        (0.2, [[np.nan, np.nan]], False, False),
        (0.2, [[1.0], [0.0]], False, True),  # one of two seeds
    ],
)
def test_solved(evidence: Find, late: float, evaluated: list[list[float]], solved: bool, once: bool) -> None:
    found = evidence(evaluated, progress=lambda t: late + 0.0 * t)
    assert (found.solved, found.solved_once) == (solved, once)


def test_what_a_failed_member_did_solves_nothing(evidence: Find) -> None:
    assert not evidence([[1.0]], failed=[0]).solved_in_evaluation


def test_a_change_in_words() -> None:
    assert moved("success", Change(1.0, 2.5, 0.0, 0.0, 0.0)) == "success 1 -> 2.5"
