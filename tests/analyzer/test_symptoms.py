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
