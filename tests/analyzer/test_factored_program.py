"""Which factors a product has, and the program that gives each of them; its numbers are worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autoreward.analyzer.factored_program import MOST, SHOWN, Factored, factored, with_factors
from autoreward.records import TrajectoryTable

SOURCE = '''"""Fast while upright."""

WEIGHTS = {"gated": 2.0, "plain": 1.0}
PARAMS = {"pay": 0.5}
LIMIT = 0.2


def potential(state, params):
    return state.lean


def reward_terms(state, action, next_state, params):
    upright = jnp.maximum(LIMIT - jnp.abs(next_state.lean), 0.0)
    gated = params["pay"] * next_state.speed * upright
    return {"gated": gated, "plain": next_state.place}
'''


def program(*entries: str) -> str:
    """A program with the terms `a`, `b`, ... of these expressions."""
    terms = ", ".join(f'"{name}": {entry}' for name, entry in zip("abcdef", entries, strict=False))
    return f"def reward_terms(state, action, next_state, params):\n    return {{{terms}}}\n"


def heads(source: str, *terms: str) -> list[str]:
    found = factored(source, terms)
    return [] if found is None else list(found.columns.values())


def found_of(source: str, *terms: str) -> Factored:
    found = factored(source, terms)
    assert found is not None
    return found


def test_the_factors_of_a_named_product_without_its_parameters() -> None:
    assert found_of(SOURCE, "gated", "plain").columns == {
        "factor_0": "gated, factor next_state.speed",
        "factor_1": "gated, factor upright",
    }


def test_the_program_pays_each_factor_by_itself() -> None:
    names: dict[str, Any] = {"jnp": np}
    exec(found_of(SOURCE, "gated").source, names)  # noqa: S102
    after = SimpleNamespace(lean=np.array([0.05, -0.5]), speed=np.array([3.0, 4.0]), place=np.zeros(2))
    terms = names["reward_terms"](None, None, after, {"pay": 0.5})
    np.testing.assert_allclose(terms["factor_0"], [3.0, 4.0])
    np.testing.assert_allclose(terms["factor_1"], [0.15, 0.0])  # 0.2 - 0.05; closed beyond 0.2
    assert names["WEIGHTS"] == {"factor_0": 1.0, "factor_1": 1.0}
    assert names["PARAMS"] == {"pay": 0.5} and "potential" not in names


@pytest.mark.parametrize(
    "source",
    [
        program("next_state.x + next_state.y"),
        program('params["pay"] * next_state.x * 2.0'),  # one factor that is no number
        "def reward_terms(state, action, next_state, params):\n    a = next_state.x * next_state.y\n",
        "def reward_terms(",
        "WEIGHTS = {}\n",
        "a\0b",
    ],
)
def test_no_product_no_factors(source: str) -> None:
    assert factored(source, ["a"]) is None


def test_only_the_terms_that_are_shown() -> None:
    source = program("next_state.x * next_state.y", "next_state.u * next_state.v")
    assert heads(source, "b") == ["b, factor next_state.u", "b, factor next_state.v"]
    assert heads(source, "no such term") == []


def test_a_factor_of_two_terms_is_shown_once_and_with_the_first() -> None:
    shown = heads(program("next_state.x * next_state.gate", "next_state.y * next_state.gate"), "a", "b")
    assert sorted(shown) == ["a, factor next_state.gate", "a, factor next_state.x", "b, factor next_state.y"]


def test_there_are_a_few_and_each_is_short() -> None:
    long = "jnp.exp(-jnp.square(next_state.a_field_with_a_long_name))"
    shown = heads(program(" * ".join([long, *(f"next_state.x{place}" for place in range(9))])), "a")
    assert len(shown) == MOST
    assert shown[0] == f"a, factor {long[:SHOWN].rstrip()}..."


def test_a_column_more_for_each_factor() -> None:
    table = TrajectoryTable(label="best", columns=("time [s]",), rows=((0.1,), (0.2,)))
    more = with_factors(table, ["one", "two"], [[1.0, 2.0], [3.0, 4.0]])
    assert (more.label, more.columns) == ("best", ("time [s]", "one", "two"))
    assert more.rows == ((0.1, 1.0, 2.0), (0.2, 3.0, 4.0))
    with pytest.raises(ValueError, match="shorter"):
        with_factors(table, ["one"], [[1.0]])
