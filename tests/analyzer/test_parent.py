"""What a candidate changed in its parent, and what that did on equal seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autoreward.analyzer.parent import compare_with_parent
from tests.analyzer.relatives import PARENT, relative

if TYPE_CHECKING:
    pass


# --- Formulas -------------------------------------------------------------------------------------------


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
