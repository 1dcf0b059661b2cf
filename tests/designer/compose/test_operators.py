"""How programs are drawn, retuned, crossed, grown, pruned and swapped: what stays, and what may change."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.designer.compose import operators
from autoreward.designer.compose.ingredients import cost, goal, guide
from autoreward.designer.compose.library import Library
from autoreward.designer.program import Program

GOALS = (
    goal("travel", "speed", 1.0, "next_state.v"),
    goal("travel", "burst", 2.0, 'next_state.v / params["burst_width"]', {"burst_width": 0.5}),
)
LIBRARY = Library(
    GOALS,
    (guide("alive", "alive", 0.3, "1.0 - next_state.terminated"), guide("posture", "upright", 0.2, "next_state.up")),
    (cost("thrift", "effort", -0.1, "action"), cost("smooth", "jerk", -0.05, "action * 2")),
)
PROGRAM = operators.assemble([GOALS[0], *LIBRARY.guides, LIBRARY.costs[0]])
SEEDS = st.integers(0, 10_000).map(Random)


def weights(program: Program) -> dict[str, float]:
    return {term.name: term.weight for term in program.terms}


def test_a_program_has_each_ingredient_once_and_their_params() -> None:
    program = operators.assemble([GOALS[1], LIBRARY.costs[0], GOALS[1]])
    assert program.names() == ("burst", "effort") and dict(program.params) == {"burst_width": 0.5}


@given(st.integers(0, 30), SEEDS)
def test_a_recipe_leads_with_a_goal(index: int, rng: Random) -> None:
    program = operators.recipe(LIBRARY, index, rng, frozenset())
    assert program.names()[0] in {"speed", "burst"}
    assert len(set(program.names())) == len(program.names())


def test_the_first_recipe_is_the_likeliest_goal_with_alive_and_effort() -> None:
    assert operators.recipe(LIBRARY, 0, Random(0), frozenset()).names() == ("speed", "alive", "effort")


@given(SEEDS, st.floats(0.01, 2.0))
def test_retuning_keeps_the_goal_and_every_sign(rng: Random, sigma: float) -> None:
    after = weights(operators.retune(PROGRAM, rng, sigma))
    assert after["speed"] == 1.0 and list(after) == list(weights(PROGRAM))
    assert all(after[name] * weight > 0 for name, weight in weights(PROGRAM).items())


def test_a_shift_differs_whatever_the_program_holds() -> None:
    alone = operators.assemble([GOALS[0]])
    assert weights(operators.shift(alone, Random(1), 0.5)) != weights(alone)


@given(SEEDS)
def test_a_child_has_the_first_goal_and_nothing_new(rng: Random) -> None:
    other = operators.retune(operators.assemble([GOALS[1], LIBRARY.guides[0], *LIBRARY.costs]), Random(3), 1.0)
    child = operators.cross(PROGRAM, other, rng)
    assert child.terms[0] == PROGRAM.terms[0]
    assert set(child.names()) <= set(PROGRAM.names()) | set(other.names())
    low, high = sorted((weights(PROGRAM)["effort"], weights(other)["effort"]))
    assert low <= weights(child).get("effort", low) <= high


@given(SEEDS)
def test_growing_adds_one_that_is_absent(rng: Random) -> None:
    grown = operators.grow(PROGRAM, LIBRARY, rng)
    assert grown.names()[:-1] == PROGRAM.names() and grown.names()[-1] == "jerk"


def test_pruning_takes_the_term_that_did_least_and_never_the_goal() -> None:
    credit = {"speed": -9.0, "alive": 0.5, "upright": -1.0, "effort": 0.0}
    assert operators.prune(PROGRAM, credit, Random(0)).names() == ("speed", "alive", "effort")
    alone = operators.assemble([GOALS[0]])
    assert operators.prune(alone, credit, Random(0)).names() == ("speed",)


def test_a_swap_changes_the_goal_only() -> None:
    swapped = operators.swap(PROGRAM, LIBRARY, Random(0))
    assert swapped.names() == ("burst", *PROGRAM.names()[1:]) and swapped.params["burst_width"] == 0.5


@pytest.mark.parametrize("strength", [1.0, 3.0])
def test_saying_the_same_twice_changes_nothing_more(strength: float) -> None:
    once = operators.heed(PROGRAM, LIBRARY, frozenset({"thrift", "posture"}), strength)
    assert operators.heed(once, LIBRARY, frozenset({"thrift", "posture"}), strength) == once
    assert weights(once)["effort"] == pytest.approx(-0.1 * strength)


def test_what_has_to_be_fast_pays_less_for_effort() -> None:
    faster = weights(operators.heed(PROGRAM, LIBRARY, frozenset({"fast"}), 2.0))
    assert faster["effort"] == pytest.approx(-0.05) and faster["speed"] == 1.0
