"""What each term of a program is computed by, and when two formulas are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from autoreward.analyzer.formulas import formulas
from tests.analyzer.relatives import PARENT

if TYPE_CHECKING:
    pass


# --- Formulas -------------------------------------------------------------------------------------------


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
