"""Curves, terms, correlations and trajectories, with numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.analyzer import analyze, render_analysis
from autoreward.recordings import unflatten
from autoreward.records import Analysis, EnvSpec, MemberResult
from tests.analyzer.conftest import analyze_arrays, arrays_with_trajectories

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]
Member = Callable[..., MemberResult]
NAN = float("nan")


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


def test_the_order_in_which_terms_were_recorded_makes_no_difference(
    env: EnvSpec, member: Member, with_trajectories: Analysis
) -> None:
    """The same numbers under the same names, in other columns and with weights in another order."""
    arrays = {
        name: array[:, ::-1] if name.rpartition("/")[2].startswith("term") and array.ndim == 2 else array
        for name, array in arrays_with_trajectories().items()
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


def test_the_record_survives_json(with_trajectories: Analysis) -> None:
    assert Analysis.model_validate_json(with_trajectories.model_dump_json()) == with_trajectories
