"""A candidate beside its relatives: copies of earlier ones, and what it changed in its parent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.analyzer import CandidateRecordings, Family, Relative
from autoreward.analyzer.duplicates import find_duplicate
from autoreward.analyzer.formulas import formulas
from autoreward.analyzer.parent import compare_with_parent
from autoreward.intervals import paired_interval
from autoreward.recordings import unflatten
from autoreward.records import CompiledReward, MemberResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAN = float("nan")
CURVE = [NAN, 1.0, 2.0, 4.0]


def relative(
    name: str, weights: Mapping[str, float], *, digest: str = "d", params: Mapping[str, float] | None = None,
    potential: bool = False, curves: Mapping[int, list[float]] | None = None, source: str = "",
    means: Mapping[int, list[list[float]]] | None = None, success: Mapping[int, float] | None = None,
) -> Relative:  # fmt: skip
    reward = CompiledReward(
        weights=weights, params=params or {}, has_potential=potential, inputs=(), program=b"", digest=digest
    )
    arrays: dict[str, NDArray[Any]] = {}
    for seed, curve in (curves or {}).items():
        arrays[f"{name}/{seed}/own_return"] = np.float32(curve)
    for seed, mean in (means or {}).items():
        arrays[f"{name}/{seed}/term_mean"] = np.float32(mean)
        arrays[f"{name}/{seed}/steps"] = np.arange(1, len(mean) + 1) * 10
    seeds = sorted({*(curves or {}), *(means or {}), *(success or {})}) or [0]
    members = [
        MemberResult(
            candidate=name, seed=seed, status="trained", success=(success or {}).get(seed), progress=0.5, length=100.0
        )
        for seed in seeds
    ]
    recordings = unflatten(arrays, {name: tuple(weights)})
    return Relative(
        source, reward, weights, CandidateRecordings.of_candidate(name, members, recordings, tuple(weights))
    )


def told(own: Relative, *earlier: Relative) -> str:
    found = find_duplicate(Family(own, None, earlier))
    return found.evidence if found else ""


def test_the_same_program_with_the_same_weights_is_a_duplicate() -> None:
    first, second = relative("g00c00", {"a": 1.0, "b": -0.5}), relative("g00c01", {"a": 1.0, "b": -0.5})
    assert told(second, first) == "it pays the same as g00c00: the program and its parameters are the same."
    assert told(first) == ""


def test_weights_that_are_a_multiple_make_a_duplicate() -> None:
    first, second = relative("g00c00", {"a": 1.0, "b": -0.5}), relative("g00c01", {"a": 3.0, "b": -1.5})
    assert told(second, first).startswith("it pays 3 times what is paid by g00c00")


@pytest.mark.parametrize(
    "other",
    [
        relative("g00c00", {"a": 1.0, "b": -0.4}),  # another proportion
        relative("g00c00", {"a": -1.0, "b": 0.5}),  # the opposite
        relative("g00c00", {"a": 1.0, "b": -0.5}, params={"width": 0.1}),
        relative("g00c00", {"a": 1.0, "b": -0.5}, digest="e"),
        relative("g00c00", {"a": 2.0, "b": -1.0}, potential=True),  # the potential is not scaled
    ],
)
def test_programs_that_nearly_pay_the_same(other: Relative) -> None:
    assert told(relative("g00c01", {"a": 1.0, "b": -0.5}, potential=other.reward.has_potential), other) == ""


def test_equal_own_returns_for_every_seed_show_a_duplicate() -> None:
    first = relative("g00c00", {"a": 1.0}, digest="d", curves={0: CURVE, 1: [1, 2, 3]})
    second = relative("g00c01", {"b": 1.0}, digest="e", curves={0: CURVE, 1: [1, 2, 3]})
    assert told(second, first) == "own return was equal to that of g00c00 all along, for every seed."


@pytest.mark.parametrize(
    "curves",
    [
        {0: CURVE, 1: [1, 2, 3 + 1e-6]},  # one seed in the last digit
        {0: CURVE, 1: [0, 0, 1]},
        {0: [0.0, 0.0, 0.0, 0.0], 1: [1, 2, 3]},
    ],
)
def test_own_returns_that_differ_anywhere(curves: dict[int, list[float]]) -> None:
    first = relative("g00c00", {"a": 1.0}, digest="d", curves={0: CURVE, 1: [1, 2, 3]})
    assert told(relative("g00c01", {"b": 1.0}, digest="e", curves=curves), first) == ""


def test_returns_without_a_story_are_no_proof() -> None:
    nothing = {0: [NAN, 1000.0, 1000.0, 1000.0]}  # an episode that always lasts and pays 1 a step
    first = relative("g00c00", {"a": 1.0}, digest="d", curves=nothing)
    assert told(relative("g00c01", {"b": 1.0}, digest="e", curves=nothing), first) == ""


# --- Formulas -------------------------------------------------------------------------------------------

PARENT = '''"""Runs."""
WEIGHTS = {"speed": 1.0, "level": 0.5, "effort": -0.1}
PARAMS = {"width": 0.3}


def squash(x):
    """Into one."""
    return jnp.tanh(x)


def reward_terms(state, action, next_state, params):
    tilt = next_state.tilt / params["width"]
    return {
        "speed": squash(next_state.speed),
        "level": jnp.exp(-tilt * tilt),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
'''


def test_layout_comments_and_other_terms_make_no_difference() -> None:
    same = PARENT.replace("Into one.", "Squashes.").replace('"speed": squash(', '"speed":  squash(  # fast\n')
    assert formulas(same)[0] == formulas(PARENT)[0]
    without = PARENT.replace('        "effort": jnp.sum(jnp.square(action), axis=-1),\n', "")
    assert set(formulas(without)[0]) == {"speed", "level"}
    assert formulas(without)[0]["level"] == formulas(PARENT)[0]["level"]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("jnp.tanh(x)", "jnp.arctan(x)", {"speed"}),  # a function that it calls
        ("tilt = next_state.tilt", "tilt = 2 * next_state.tilt", {"level"}),  # a variable that it reads
        ("axis=-1)", "axis=-1) / 6", {"effort"}),
        ('"width": 0.3', '"width": 0.4', set()),  # a number, told as such
    ],
)
def test_a_formula_has_all_that_it_depends_on(old: str, new: str, changed: set[str]) -> None:
    before, after = formulas(PARENT)[0], formulas(PARENT.replace(old, new))[0]
    assert {name for name in before if before[name] != after[name]} == changed


def test_terms_that_are_put_into_a_dict_one_by_one() -> None:
    body = "terms = {'a': state.x}\n    terms['b'] = action\n    return terms"
    source = f"def reward_terms(state, action, next_state, params):\n    {body}\n"
    source += "def potential(state, params):\n    return state.x\n"
    terms, potential = formulas(source)
    assert set(terms) == {"a", "b"} and potential
    assert formulas("not a program (") == ({}, "")


# --- The parent -----------------------------------------------------------------------------------------


def test_what_changed_in_the_program() -> None:
    source = PARENT.replace("jnp.tanh(x)", "jnp.arctan(x)").replace(
        '"effort": jnp.sum(jnp.square(action), axis=-1)', '"height": next_state.height'
    )
    parent = relative(
        "g00c00", {"speed": 1.0, "level": 0.5, "effort": -0.1}, params={"width": 0.3, "old": 1.0}, source=PARENT
    )
    own = relative("g01c00", {"speed": 1.0, "level": 0.8, "height": 2.0}, params={"width": 0.4}, source=source)
    found = compare_with_parent(own, parent, 40)
    assert found is not None
    assert [(term.name, term.change, term.parent_weight, term.weight) for term in found.terms] == [
        ("speed", "rewritten", 1.0, 1.0),
        ("level", "reweighted", 0.5, 0.8),
        ("height", "added", None, 2.0),
        ("effort", "removed", -0.1, None),
    ]
    assert found.params == {"width": (0.3, 0.4), "old": (1.0, None)}
    assert found.potential == "none"


def test_nothing_changed() -> None:
    weights = {"speed": 1.0, "level": 0.5, "effort": -0.1}
    found = compare_with_parent(relative("b", weights, source=PARENT), relative("a", weights, source=PARENT), 40)
    assert found is not None and {term.change for term in found.terms} == {"kept"} and found.params == {}


def test_incomes_before_and_after_on_equal_seeds() -> None:
    # Rollouts end at 10, 20, 30, 40 steps; the second half counts. Seed 2 has no partner and does not.
    parent = relative("a", {"x": 2.0}, means={0: [[9], [9], [1], [3]], 1: [[9], [9], [5], [7]]})
    own = relative("b", {"x": 3.0}, means={0: [[9], [9], [2], [2]], 1: [[9], [9], [4], [4]], 2: [[9]] * 4})
    found = compare_with_parent(own, parent, 40)
    assert found is not None and found.seeds == 2
    # 2 * mean(2, 6) = 8 before, 3 * mean(2, 4) = 9 after
    assert (found.terms[0].parent_income, found.terms[0].income) == (8.0, 9.0)


def test_differences_are_paired_by_seed() -> None:
    parent = relative("a", {"x": 1.0}, success={0: 1.0, 1: 5.0, 2: 3.0})
    own = relative("b", {"x": 1.0}, success={0: 2.0, 1: 6.0, 2: 4.0, 3: 99.0})
    found = compare_with_parent(own, parent, 40)
    assert found is not None
    success, progress, length = found.differences
    assert (success.parent, success.own) == (3.0, 4.0)
    # 1 for every seed: the spread of the seeds is not in the interval
    assert (success.difference.mean, success.difference.low, success.difference.high) == (1.0, 1.0, 1.0)
    assert (progress.difference.mean, length.own) == (0.0, 100.0)


def test_one_equal_seed_gives_no_interval_and_none_gives_no_comparison() -> None:
    parent = relative("a", {"x": 1.0}, success={0: 1.0})
    found = compare_with_parent(relative("b", {"x": 1.0}, success={0: 3.0, 1: 4.0}), parent, 40)
    assert found is not None and found.differences[0].difference.low is None
    assert compare_with_parent(relative("b", {"x": 1.0}, success={1: 3.0}), parent, 40) is None


def test_the_interval_of_a_paired_difference() -> None:
    found = paired_interval({0: 2.0, 1: 6.0}, {0: 1.0, 1: 3.0, 7: 0.0}, episodes=10)
    assert found is not None
    # 1 and 3: mean 2, t over two seeds: 12.706 times the standard error 1
    assert (found.mean, found.seeds, found.episodes) == (2.0, 2, 20)
    assert found.high == pytest.approx(2.0 + 12.706, abs=1e-3)
    assert paired_interval({0: 1.0}, {1: 1.0}, 10) is None
