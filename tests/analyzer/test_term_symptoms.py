"""Symptoms of single terms, on rollouts made for them and on near misses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.records import EnvSpec, MemberResult
from tests.analyzer.conftest import analyze_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]


Curve = Callable[["NDArray[Any]"], "NDArray[Any]"]


Episodes = Callable[..., Arrays]


Member = Callable[..., MemberResult]


def _rollouts(mean: list[list[float]], low: list[float], high: list[float]) -> Arrays:
    rollouts = len(mean)
    return {
        "c/0/steps": np.arange(1, rollouts + 1) * 1000,
        "c/0/term_mean": np.array(mean, np.float32),
        "c/0/term_low": np.tile(np.float32(low), (rollouts, 1)),
        "c/0/term_high": np.tile(np.float32(high), (rollouts, 1)),
    }


def _terms_told(env: EnvSpec, member: Member, arrays: Arrays, weights: dict[str, float], name: str) -> list[str]:
    found = analyze_arrays("c", weights, [member()], arrays, env, 4000).symptoms
    return [symptom.evidence for symptom in found if symptom.name == name]


def rising(t: NDArray[Any]) -> NDArray[Any]:
    return 10.0 * t


def flat(t: NDArray[Any]) -> NDArray[Any]:
    return 0.0 * t


def test_one_term_makes_almost_all_of_the_income(env: EnvSpec, member: Member) -> None:
    arrays = _rollouts([[2.0, -1.0]] * 4, [-9.0, -9.0], [9.0, 9.0])
    dominant = analyze_arrays("c", {"speed": 10.0, "effort": 1.0}, [member()], arrays, env, 4000)
    # 10 * 2 of 10 * 2 + 1 * 1
    assert [s.evidence for s in dominant.symptoms] == [
        "term 'speed' makes 95% of the absolute weighted income of 2 terms, and success does not follow it."
    ]
    assert analyze_arrays("c", {"speed": 4.0, "effort": 1.0}, [member()], arrays, env, 4000).symptoms == ()
    assert (
        analyze_arrays("c", {"speed": 4.0, "effort": 0.0}, [member()], arrays, env, 4000).symptoms[0].name
        == "flat_term"
    )


@pytest.mark.parametrize(
    ("success", "progress", "fires"),
    [
        (flat, flat, True),
        (rising, rising, False),  # it dominates, and that is right
        (flat, lambda t: t / 10, False),  # success is still 0, but the way is right
        (flat, lambda t: flat(t) + 1.0, False),  # solved
    ],
)
def test_a_term_that_dominates_is_told_only_where_success_does_not_follow(
    env: EnvSpec, episodes: Episodes, member: Member, success: Curve, progress: Curve, fires: bool
) -> None:
    arrays = _rollouts([[2.0, -1.0]] * 4, [-9.0, -9.0], [9.0, 9.0])
    arrays |= episodes(success=success, progress=progress, own=rising)
    assert bool(_terms_told(env, member, arrays, {"speed": 10.0, "effort": 1.0}, "dominant_term")) == fires


def test_beside_a_term_that_dominates_only_what_never_moves_is_flat(env: EnvSpec, member: Member) -> None:
    arrays = _rollouts([[9.0, 1.0, 0.5]] * 4, [0.0, 1.0, 0.0], [10.0, 1.0, 1.0])
    weights = {"speed": 10.0, "alive": 1.0, "near": 0.05}
    assert _terms_told(env, member, arrays, weights, "dominant_term")
    assert _terms_told(env, member, arrays, weights, "flat_term") == ["term 'alive' is always 1."]


def test_where_success_never_happens_terms_are_compared_with_progress(
    env: EnvSpec, episodes: Episodes, member: Member
) -> None:
    arrays = _rollouts([[1.0, 1.0]] * 4, [0.0, 0.0], [10.0, 10.0])
    arrays |= episodes(success=flat, progress=lambda t: t / 10)
    time = np.arange(1, 201) / 200
    arrays["c/0/episodes_terms"] = np.stack([time, 1.0 - time], axis=1)
    analysis = analyze_arrays("c", {"speed": 1.0, "rest": 1.0}, [member()], arrays, env, 4000)
    assert [(term.correlation, term.correlated_with) for term in analysis.terms] == [
        (pytest.approx(1.0), "progress"), (pytest.approx(-1.0), "progress")
    ]  # fmt: skip
    opposing = next(symptom for symptom in analysis.symptoms if symptom.name == "opposing_term")
    assert "pays less where progress is higher" in opposing.evidence


def test_terms_that_hardly_move(env: EnvSpec, member: Member) -> None:
    arrays = _rollouts([[2.0, 1.0, 0.5]] * 4, [0.0, 1.0, 0.0], [10.0, 1.0, 1.0])
    symptoms = analyze_arrays("c", {"speed": 1.0, "alive": 1.0, "near": 0.05}, [member()], arrays, env, 4000).symptoms
    assert [(s.name, s.evidence) for s in symptoms] == [
        ("flat_term", "term 'alive' is always 1."),
        ("flat_term", "term 'near' times its weight moves 0.5% as far as 'speed'."),
    ]


def test_a_term_that_moves_little_but_enough(env: EnvSpec, member: Member) -> None:
    arrays = _rollouts([[2.0, 0.5]] * 4, [0.0, 0.0], [10.0, 1.0])
    found = analyze_arrays("c", {"speed": 1.0, "near": 0.15}, [member()], arrays, env, 4000).symptoms
    assert not {"flat_term"} & {symptom.name for symptom in found}  # 0.15 of 10 is 1.5 %


@pytest.mark.parametrize(
    ("mean", "weight", "fires"),
    [
        (0.96, 1.0, True),
        (0.94, 1.0, False),  # below 95 % of its range
        (0.96, -1.0, False),  # a penalty at its highest is no bonus that is used up
    ],
)
def test_a_term_at_its_highest_value_all_along(
    env: EnvSpec, member: Member, mean: float, weight: float, fires: bool
) -> None:
    arrays = _rollouts([[2.0, mean]] * 4, [0.0, 0.0], [10.0, 1.0])
    told = _terms_told(env, member, arrays, {"speed": 1.0, "upright": weight}, "saturated_term")
    assert bool(told) == fires
    assert not told or told[0].startswith("term 'upright' is near its highest value from the start: mean 0.96 -> 0.96")


def test_a_term_that_was_learned_to_its_highest_value_is_not_told(env: EnvSpec, member: Member) -> None:
    arrays = _rollouts([[2.0, 0.5], [2.0, 0.9], [2.0, 1.0], [2.0, 1.0]], [0.0, 0.0], [10.0, 1.0])
    assert not _terms_told(env, member, arrays, {"speed": 1.0, "upright": 1.0}, "saturated_term")


def test_a_bonus_for_staying_alive_is_not_used_up_where_episodes_terminate(
    env: EnvSpec, episodes: Episodes, member: Member
) -> None:
    rollouts = _rollouts([[2.0, 0.99]] * 4, [0.0, 0.0], [10.0, 1.0])
    weights = {"speed": 1.0, "alive": 1.0}
    falls = rollouts | episodes(terminated=lambda t: flat(t) + 1.0, length=lambda t: flat(t) + 12.0)
    stands = rollouts | episodes(terminated=flat, length=lambda t: flat(t) + 100.0)
    assert not _terms_told(env, member, falls, weights, "saturated_term")
    assert _terms_told(env, member, stands, weights, "saturated_term")


@pytest.mark.parametrize(
    ("mean", "low", "weight", "fires"),
    [
        (0.05, 0.0, 1.0, True),  # 0.5 % of 10
        (0.2, 0.0, 1.0, False),
        (0.05, 0.0, -1.0, False),  # a penalty that is rarely paid is a good thing
        (0.05, -10.0, 1.0, False),  # both signs: its mean says nothing
    ],
)
def test_a_bonus_that_is_hardly_ever_earned(
    env: EnvSpec, member: Member, mean: float, low: float, weight: float, fires: bool
) -> None:
    arrays = _rollouts([[2.0, mean]] * 4, [0.0, low], [10.0, 10.0])
    told = _terms_told(env, member, arrays, {"speed": 1.0, "goal": weight}, "rare_term")
    expected = "term 'goal' pays up to 10, but 0.05 a step on average at the end: it is hardly ever earned."
    assert told == ([expected] if fires else [])


@pytest.mark.parametrize(
    ("weight", "paid", "fires"),
    [
        (1.0, lambda t: 1.0 - t, True),
        (1.0, lambda t: t, False),
        (-1.0, lambda t: t, False),  # effort costs more where more is done
        (0.05, lambda t: 1.0 - t, False),  # too little to matter
    ],
)
def test_a_term_that_pays_for_the_opposite(
    env: EnvSpec, episodes: Episodes, member: Member, weight: float, paid: Curve, fires: bool
) -> None:
    arrays = _rollouts([[1.0, 1.0]] * 4, [0.0, 0.0], [10.0, 10.0]) | episodes(success=rising)
    time = np.arange(1, 201) / 200
    arrays["c/0/episodes_terms"] = np.stack([time, paid(time)], axis=1)
    told = _terms_told(env, member, arrays, {"speed": 1.0, "rest": weight}, "opposing_term")
    expected = "term 'rest' pays less where success is higher (correlation -1.00), and makes 50% of the income."
    assert told == ([expected] if fires else [])


def _spiked(clipped: float, high: list[float], mean: float = 1.0) -> Arrays:
    """Rollouts in which 'near' has these largest values, beside a 'speed' of at most 2."""
    arrays = _rollouts([[1.0, mean]] * len(high), [0.0, 0.0], [2.0, 0.0])
    arrays["c/0/term_high"][:, 1] = high
    return arrays | {"c/0/clipped": np.full(len(high), clipped, np.float32)}


@pytest.mark.parametrize(
    ("clipped", "high", "fires"),
    [
        (2e-5, [2.0, 2.0, 1e5, 3.0], True),  # one spike in all of training
        (0.0, [2.0, 2.0, 1e5, 3.0], False),  # it was not cut: the returns are as large
        (2e-5, [2.0, 2.0, 40.0, 3.0], False),  # 16 times its median
        (0.004, [400.0] * 4, True),  # in every rollout: 400 times its mean
        (2e-5, [400.0] * 4, False),
        (float("nan"), [2.0, 2.0, 1e5, 3.0], True),  # an older run: not recorded
    ],
)
def test_a_term_with_spikes(env: EnvSpec, member: Member, clipped: float, high: list[float], fires: bool) -> None:
    told = _terms_told(env, member, _spiked(clipped, high), {"speed": 1.0, "near": 0.5}, "spiky_term")
    assert bool(told) == fires


def test_a_spike_is_told_with_its_numbers(env: EnvSpec, member: Member) -> None:
    (told,) = _terms_told(env, member, _spiked(2e-5, [2.0, 2.0, 1e5, 2.0]), {"speed": 1.0, "near": 0.5}, "spiky_term")
    # 0.5 * 1e5 in the third rollout, beside 0.5 * 2
    assert told == (
        "term 'near' times its weight reaches 50000 (by step 3,000), 50000 times its median of 1; "
        "2e-05 of all rewards were cut at 10 times the usual return."
    )
