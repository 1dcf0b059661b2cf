"""Each symptom on curves made for it, on curves that must not show it, and on noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.records import EnvSpec, Finding, MemberResult, Symptom
from tests.analyzer.conftest import analyze_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]
Curve = Callable[["NDArray[Any]"], "NDArray[Any]"]
Episodes = Callable[..., Arrays]
Member = Callable[..., MemberResult]
N_TIMESTEPS = 100_000


def _noise(seed: int, scale: float = 1.0) -> NDArray[Any]:
    return scale * np.random.default_rng(seed).standard_normal(200)


def rising(t: NDArray[Any]) -> NDArray[Any]:
    return 10.0 * t


def flat(t: NDArray[Any]) -> NDArray[Any]:
    return 0.0 * t


def hill(t: NDArray[Any]) -> NDArray[Any]:
    """Rises to 10 in the middle and returns to 0."""
    return 10.0 - 20.0 * np.abs(t - 0.5)


@pytest.fixture
def names(env: EnvSpec, episodes: Episodes, member: Member) -> Callable[..., dict[str, str]]:
    """The symptoms of one member with these curves, by name with their evidence."""

    def find(own: Curve, success: Curve, progress: Curve, **others: Curve) -> dict[str, str]:
        arrays = episodes(own=own, success=success, progress=progress, **others)
        return {s.name: s.evidence for s in analyze_arrays("c", {}, [member()], arrays, env, N_TIMESTEPS).symptoms}

    return find


def test_own_return_rises_while_success_stays(names: Callable[..., dict[str, str]]) -> None:
    found = names(rising, lambda t: flat(t) + _noise(1), lambda t: flat(t) + 0.3)
    # first fifth: t = 1/200 ... 40/200, mean 0.1025; last fifth: 161/200 ... 1, mean 0.9025
    assert found["reward_hacking"].startswith("own return 1.03 -> 9.03, success 0.")
    assert "no_progress" not in found  # says the same


def test_success_falls_from_its_peak_while_own_return_goes_on_rising(names: Callable[..., dict[str, str]]) -> None:
    found = names(rising, lambda t: hill(t) + _noise(2, 0.5), lambda t: hill(t) / 10)
    assert found["reward_hacking"].startswith("since step ")
    assert "no_progress" not in found  # it ended where it began, which the other says too


@pytest.mark.parametrize(
    ("own", "success", "progress"),
    [
        (rising, rising, rising),  # learning
        (flat, flat, flat),  # nothing happens
        (rising, flat, rising),  # success is still 0, but the way is right
        (hill, hill, hill),  # both fall together: a collapse, not hacking
        (rising, lambda t: flat(t) + 5.0, lambda t: flat(t) + 1.0),  # solved from the start
    ],
)
def test_no_hacking_where_success_follows(
    names: Callable[..., dict[str, str]], own: Curve, success: Curve, progress: Curve
) -> None:
    assert "reward_hacking" not in names(own, success, progress)


@pytest.mark.parametrize("seed", range(40))
def test_noise_is_no_hacking_and_no_collapse(names: Callable[..., dict[str, str]], seed: int) -> None:
    found = names(lambda t: _noise(seed), lambda t: _noise(100 + seed), lambda t: _noise(200 + seed))
    assert not {"reward_hacking", "unstable", "collapse"} & set(found)


@pytest.mark.parametrize("seed", range(20))
def test_learning_with_much_noise_is_neither_hacking_nor_missing_progress(
    names: Callable[..., dict[str, str]], seed: int
) -> None:
    found = names(
        lambda t: rising(t) + _noise(seed, 5.0),
        lambda t: rising(t) + _noise(100 + seed, 8.0),
        lambda t: t + _noise(200 + seed, 0.8),
    )
    assert not {"reward_hacking", "no_progress", "unstable", "collapse"} & set(found)


def test_no_progress(names: Callable[..., dict[str, str]]) -> None:
    found = names(flat, lambda t: flat(t) + 0.25, lambda t: flat(t) + 0.125)
    assert found == {
        "no_progress": "success 0.25 -> 0.25, progress 0.125 -> 0.125 (first to last fifth of the episodes)."
    }
    assert names(rising, rising, rising) == {}


def test_own_return_that_collapses(names: Callable[..., dict[str, str]]) -> None:
    assert names(hill, rising, rising)["collapse"].startswith("own return 9.")


def test_success_that_collapses_though_own_return_stays(names: Callable[..., dict[str, str]]) -> None:
    found = names(lambda t: flat(t) + _noise(3), hill, rising)
    # the fifth of ten parts: t = 81/200 ... 1/2, mean success 8.1 ... 10 -> 9.05; the last: 0 ... 0.95 -> 0.95 / 2
    assert found["collapse"].startswith("success 9.05 -> 0.95 since step ")
    assert "reward_hacking" not in found


def test_a_small_fall_in_much_noise_is_no_collapse(names: Callable[..., dict[str, str]]) -> None:
    noisy_hill = lambda t: 0.05 * hill(t) + _noise(4)  # noqa: E731
    assert "collapse" not in names(noisy_hill, noisy_hill, rising)


def test_failed_members_and_diverged_episodes_are_unstable(env: EnvSpec, member: Member) -> None:
    finding = Finding(rule="training.nan", severity="error", message="c: reward is NaN", remedy="Avoid 0/0.")
    members = [member(0, diverged=3), member(1, status="failed", finding=finding, success=None, progress=None)]
    analysis = analyze_arrays("c", {}, members, {}, env, N_TIMESTEPS)
    assert analysis.symptoms == (
        Symptom(name="unstable", evidence="1 of 2 seeds failed."),
        Symptom(name="unstable", evidence="the simulation diverged in 3 episodes."),
    )
    assert analysis.findings == (finding,)
    assert analysis.fitness is not None and analysis.fitness.seeds == 1


def test_early_termination(names: Callable[..., dict[str, str]]) -> None:
    found = names(flat, flat, flat, terminated=lambda t: flat(t) + 1.0, length=lambda t: flat(t) + 12.0)
    assert found["early_termination"] == "100% of the late episodes terminate, after 12 of 100 steps."


@pytest.mark.parametrize(
    ("success", "terminated", "length"),
    [
        (flat, flat, lambda t: flat(t) + 12.0),  # short, but cut by the time limit
        (flat, lambda t: flat(t) + 1.0, lambda t: flat(t) + 80.0),  # near the horizon
        (rising, lambda t: flat(t) + 1.0, lambda t: 90.0 - 80.0 * t),  # the goal is reached ever faster
    ],
)
def test_no_early_termination(
    names: Callable[..., dict[str, str]], success: Curve, terminated: Curve, length: Curve
) -> None:
    assert "early_termination" not in names(success, success, success, terminated=terminated, length=length)


def test_longer_episodes_that_still_end_early(names: Callable[..., dict[str, str]]) -> None:
    found = names(rising, rising, rising, terminated=lambda t: flat(t) + 1.0, length=lambda t: 5.0 + 20.0 * t)
    assert set(found) == {"early_termination"}


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_episodes_show_nothing(env: EnvSpec, episodes: Episodes, member: Member, count: int) -> None:
    arrays = {name: array[:count] for name, array in episodes(own=rising, success=flat, progress=flat).items()}
    assert analyze_arrays("c", {}, [member()], arrays, env, N_TIMESTEPS).symptoms == ()


def _rollouts(mean: list[list[float]], low: list[float], high: list[float]) -> Arrays:
    rollouts = len(mean)
    return {
        "c/0/steps": np.arange(1, rollouts + 1) * 1000,
        "c/0/term_mean": np.array(mean, np.float32),
        "c/0/term_low": np.tile(np.float32(low), (rollouts, 1)),
        "c/0/term_high": np.tile(np.float32(high), (rollouts, 1)),
    }


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


# --- Plateau --------------------------------------------------------------------------------------------


def knee(t: NDArray[Any]) -> NDArray[Any]:
    """Rises to 10 in the first half, then stays."""
    return 10.0 * np.minimum(2.0 * t, 1.0)


def test_success_stands_still_in_the_second_half(names: Callable[..., dict[str, str]]) -> None:
    found = names(knee, knee, lambda t: knee(t) / 20)
    # first fifth: 20 t, mean t 0.1025; the fifth in the middle: half of it 8.1 ... 10, mean 9.05, the other half 10
    assert found["plateau"] == "success 2.05 -> 10 over all of training, but success 9.53 -> 10 since its middle."


@pytest.mark.parametrize(
    ("success", "progress"),
    [
        (rising, rising),  # goes on rising
        (lambda t: 7.0 * t + knee(t) / 2, rising),  # slower, but it rises
        (knee, lambda t: flat(t) + 1.0),  # solved
        (flat, flat),  # never rose: that has another name
        (hill, hill),  # falls again
    ],
)
def test_no_plateau(names: Callable[..., dict[str, str]], success: Curve, progress: Curve) -> None:
    assert "plateau" not in names(success, success, lambda t: progress(t) / 20 if success is not knee else progress(t))


@pytest.mark.parametrize("seed", range(20))
def test_a_rise_hidden_in_noise_is_no_plateau(names: Callable[..., dict[str, str]], seed: int) -> None:
    noisy = lambda t: rising(t) + _noise(seed, 8.0)  # noqa: E731
    assert "plateau" not in names(noisy, noisy, flat)


# --- Seeds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seeds", "told"),
    [
        ([[10.0, 11.0, 12.0], [1.0, 1.5, 2.0]], "success in evaluation: 11 (seed 0), 1.5 (seed 1)."),
        ([[10.0, 11.0, 12.0], [7.0, 8.0, 9.0]], ""),  # 3 apart, less than half of 11
        ([[0.0, 11.0, 22.0], [1.0, 1.5, 2.0]], ""),  # the episodes of one seed differ as much as the seeds
        ([[10.0, 11.0, 12.0]], ""),
        ([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], ""),
    ],
)
def test_seeds_that_disagree(env: EnvSpec, member: Member, seeds: list[list[float]], told: str) -> None:
    arrays: Arrays = {f"c/{seed}/evaluation_success": np.float32(values) for seed, values in enumerate(seeds)}
    members = [member(seed) for seed in range(len(seeds))]
    found = analyze_arrays("c", {}, members, arrays, env, N_TIMESTEPS).symptoms
    assert [symptom.evidence for symptom in found if symptom.name == "disagreeing_seeds"] == ([told] if told else [])


# --- Single terms ---------------------------------------------------------------------------------------


def _terms_told(env: EnvSpec, member: Member, arrays: Arrays, weights: dict[str, float], name: str) -> list[str]:
    found = analyze_arrays("c", weights, [member()], arrays, env, 4000).symptoms
    return [symptom.evidence for symptom in found if symptom.name == name]


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
