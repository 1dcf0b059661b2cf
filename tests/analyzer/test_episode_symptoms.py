"""Symptoms of what policies do, on trajectories that show them and on near misses. A step is 0.1 s, an episode 100."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.records import EnvSpec, FieldSpec, MemberResult
from tests.analyzer.conftest import analyze_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 100
UP = FieldSpec(name="torso_up", shape=(3,), meaning="up", components=("x", "y", "z"), low=-1, high=1)
Curve = Callable[["NDArray[Any]"], "NDArray[Any]"]
Symptoms = Callable[..., dict[str, str]]


def flat(t: NDArray[Any]) -> NDArray[Any]:
    return 0.0 * t


def rising(t: NDArray[Any]) -> NDArray[Any]:
    return 10.0 * t


@pytest.fixture
def symptoms(env: EnvSpec, episodes: Callable[..., Any], member: Callable[..., MemberResult]) -> Symptoms:
    """The symptoms of a candidate with one trajectory and these training episodes, by name with their evidence."""

    def find(
        up: NDArray[Any] | None = None, paid: NDArray[Any] | None = None, tilt: NDArray[Any] | None = None,
        evaluated: list[float] | None = None, **curves: Curve,
    ) -> dict[str, str]:  # fmt: skip
        rows = np.arange(STEPS)
        fields = {
            "tilt": np.sin(rows) if tilt is None else tilt,
            "torso_up": np.stack([0 * rows, 0 * rows, np.ones(STEPS) if up is None else up], axis=1),
            "time": 0.1 * (rows + 1),
            "terms": np.stack([rows**2.0 if paid is None else paid, 0 * rows], axis=1),
        }
        arrays = {f"c/0/trajectory/best/{name}": np.asarray(array, np.float32) for name, array in fields.items()}
        arrays |= {f"c/0/{name}": np.float32([[1.0, 1.0]]) for name in ("term_mean", "term_low", "term_high")}
        if evaluated is not None:
            parts = {"success": [100.0] * len(evaluated), "progress": evaluated, "length": [100.0] * len(evaluated)}
            arrays |= {f"c/0/evaluation_{name}": np.float32(values) for name, values in parts.items()}
        arrays |= episodes(**{"own": rising, "success": flat, "progress": flat, **curves})
        extended = env.model_copy(update={"fields": (*env.fields, UP)})
        found = analyze_arrays("c", {"go": 1.0, "cost": -2.0}, [member()], arrays, extended, 4).symptoms
        return {symptom.name: symptom.evidence for symptom in found}

    return find


@pytest.mark.parametrize(
    ("own", "terminated", "fires"),
    [
        (lambda t: flat(t) - 3.0 - t, lambda t: flat(t) + 1.0, True),
        (lambda t: flat(t) - 3.0 - t, flat, False),  # it cannot end early
        (lambda t: flat(t) - 3.0 + 10.0 * t, lambda t: flat(t) + 1.0, False),  # something can be earned
    ],
)
def test_no_positive_income(symptoms: Symptoms, own: Curve, terminated: Curve, fires: bool) -> None:
    told = symptoms(own=own, terminated=terminated, length=lambda t: flat(t) + 90.0).get("no_positive_income")
    # the first of 200 episodes earned -3 - 1 / 200
    expected = "the best of all training episodes earned -3.01, and 100% of the late ones terminate: an early end "
    expected += "costs least."
    assert told == (expected if fires else None)


@pytest.mark.parametrize(
    ("up", "told"),
    [
        (np.where(np.arange(STEPS) < 40, 1.0, -1.0), "best episode: torso_up.z is below 0 from 4 s to the end."),
        (np.where(np.arange(STEPS) < 85, 1.0, -1.0), None),  # the last 1.5 s: less than a fifth
        (np.where(np.arange(STEPS) == 50, -1.0, 1.0), None),  # a flip
    ],
)
def test_upside_down(symptoms: Symptoms, up: NDArray[Any], told: str | None) -> None:
    assert symptoms(up=up).get("upside_down") == told
    assert "upside_down" not in symptoms(up=up, progress=lambda t: flat(t) + 1.0)  # solved so


def test_static_state(symptoms: Symptoms) -> None:
    still = np.minimum(np.arange(STEPS), 30) * 0.05
    # it changes for the last time at the row after 29, which is 3.1 s; 1 % of the range of 1 is less than a step
    assert symptoms(tilt=still)["static_state"] == "in the best episode nothing moves from 3.1 s on."
    assert "static_state" not in symptoms(tilt=still, progress=lambda t: flat(t) + 1.0)
    assert "static_state" not in symptoms()


@pytest.mark.parametrize(
    ("evaluated", "told"),
    [
        ([1.0, 1.0], set()),  # balanced: what stands still is what was asked for
        ([0.99, 0.1], {"early_termination"}),  # the best episode is balanced, the policy is not there yet
        ([0.3, 0.2], {"static_state", "early_termination"}),
        ([np.nan, np.nan], {"static_state", "early_termination"}),  # not measured
    ],
)
def test_a_pole_that_is_balanced_without_noise_is_no_failure(
    symptoms: Symptoms, evaluated: list[float], told: set[str]
) -> None:
    """While it trains the pole falls, for the policy explores; without that noise it stands, and nothing moves."""
    still = np.minimum(np.arange(STEPS), 30) * 0.05
    found = symptoms(
        tilt=still, evaluated=evaluated, success=lambda t: 40.0 * t, progress=lambda t: 0.4 * t,
        terminated=lambda t: flat(t) + 1.0, length=lambda t: 40.0 * t,
    )  # fmt: skip
    assert {"static_state", "early_termination"} & set(found) == told


def test_a_robot_on_its_back_that_solves_the_task_is_no_failure(symptoms: Symptoms) -> None:
    on_its_back = -np.ones(STEPS)
    assert "upside_down" in symptoms(up=on_its_back, evaluated=[0.5])
    assert "upside_down" not in symptoms(up=on_its_back, evaluated=[1.0, 0.2])


@pytest.mark.parametrize(
    ("paid", "progress", "fires"),
    [
        (np.ones(STEPS), flat, True),
        (np.arange(STEPS) ** 2.0, flat, False),  # income still rises
        (-np.ones(STEPS), flat, False),  # nothing is collected
        (np.ones(STEPS), lambda t: t / 2, False),  # progress is made
    ],
)
def test_farmed_state(symptoms: Symptoms, paid: NDArray[Any], progress: Curve, fires: bool) -> None:
    found = symptoms(paid=paid, progress=progress)
    # 1 a step, 10 steps a second
    expected = "income stays at 10 a second in the last half of the best episode, at progress 0."
    assert found.get("farmed_state") == (expected if fires else None)
    assert not fires or not {"reward_hacking", "no_progress", "static_state"} & set(found)
