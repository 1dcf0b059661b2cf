"""What a program is about, in a line; and when two have the same structure."""

from __future__ import annotations

import pytest

from autoreward.analyzer.gist import alike, gist

FAST = "next_state.speed[..., 0]"
CALM = "jnp.sum(jnp.square(action), axis=-1)"
HIGH = "next_state.height"


def program(weight: float = 1.0, **terms: str) -> str:
    entries = ", ".join(f'"{name}": {expression}' for name, expression in terms.items())
    weights = ", ".join(f'"{name}": {weight}' for name in terms)
    return (
        f'"""Pays for it.\n\nAnd more."""\nWEIGHTS = {{{weights}}}\n'
        f"def reward_terms(state, action, next_state, params):\n    return {{{entries}}}\n"
    )


def test_docstring_and_main_term() -> None:
    shares = {"calm": 0.2, "fast": 0.8}
    found = gist(program(calm=CALM, fast=FAST), shares)
    assert found == f"Pays for it. Main term fast (80% of the income): {FAST}"
    assert gist(program(fast=FAST), {}) == "Pays for it."


def test_a_name_stands_for_what_it_was_given() -> None:
    source = (
        "def reward_terms(state, action, next_state, params):\n"
        "    fast = next_state.speed\n    terms = {}\n    terms['fast'] = fast\n    return terms\n"
    )
    assert gist(source, {"fast": 1.0}) == "Main term fast (100% of the income): next_state.speed"


def test_what_cannot_be_read_has_no_gist() -> None:
    assert gist("def (", {"fast": 1.0}) == ""


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (program(weight=3.0, fast=FAST, calm=CALM), True),  # other numbers
        (program(fast=FAST, calm=CALM, high=HIGH), True),  # two of three
        (program(fast=FAST, high=HIGH), False),  # one of three
        (program(quick=HIGH), False),
    ],
)
def test_the_same_structure(other: str, same: bool) -> None:
    assert alike(program(fast=FAST, calm=CALM), other) == same
