"""Training in about ten points, with numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autoreward.records import EnvSpec, MemberResult
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
