"""What each term paid in training, with numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.analyzer.terms import learned_weights
from autoreward.recordings import TrainingCurves
from autoreward.records import EnvSpec, MemberResult
from tests.analyzer.conftest import analyze_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]


Member = Callable[..., MemberResult]


NAN = float("nan")


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


def test_learned_weights_are_those_of_the_last_rollout_and_the_first_ones_are_told() -> None:
    """Two seeds: 1 -> 3 and 1 -> 5; in the mean 1 -> 4. Weights that stay are the program's."""
    program = np.array([1.0])
    curves = [
        TrainingCurves(*[np.zeros(2)] * 5, *[np.zeros((2, 1))] * 3, np.zeros(2), np.array([[1.0], [last]]))
        for last in (3.0, 5.0)
    ]
    first, last = learned_weights(curves, program)
    assert first is not None
    assert (first.tolist(), last.tolist()) == ([1.0], [4.0])
    assert learned_weights([replace(one, weights=np.ones((2, 1))) for one in curves], program) == (None, program)
    assert learned_weights([replace(one, weights=np.full((2, 1), np.nan)) for one in curves], program)[0] is None
