"""Integers of Python that would be computed digit by digit are refused; powers as rewards have them are not."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.reward.language.number_rules import BITS_LIMIT, number_findings

REFUSED = [
    "x = 9 ** 9 ** 9",
    "x = pow(10, 100000)",
    "x = pow(3, y, 7)",
    "n = 10 ** 9\nx = n ** n",
    "x = action ** 100000",
    "x = 7\nfor i in range(40):\n    x = x * x",
    "x = 7\nfor i in range(40):\n    x *= x + 1",
    "x = 7\nfor i in range(40):\n    x = pow(x, 3)",
    "x = -(2 ** 2 ** 12) % 7",
]
ACCEPTED = [
    "x = 2 ** 10",
    "x = 1 / 10 ** 12",
    "x = action ** 2",
    "x = action ** -100",
    "x = 10.0 ** 100",
    "x = jnp.power(action, 3)",
    "x = 1\nfor i in range(40):\n    x = x * 2",
    "x = 1.0\nfor i in range(40):\n    x = x * x",
    "x = 0 ** 5 + 1 ** 9999",
    "x = 3 // 0",
]


@pytest.mark.parametrize("source", REFUSED)
def test_an_integer_that_outgrows_every_float_is_refused(source: str) -> None:
    assert [finding.rule for finding in number_findings(ast.parse(source))][:1] == ["static.number"]


@pytest.mark.parametrize("source", ACCEPTED)
def test_powers_of_the_trade_are_fine(source: str) -> None:
    assert number_findings(ast.parse(source)) == []


@given(
    st.recursive(st.integers(0, 40).map(str), lambda inner: st.tuples(inner, inner).map("({0[0]} ** {0[1]})".format))
)
def test_what_is_not_refused_is_small(text: str) -> None:
    if not number_findings(ast.parse(f"x = {text}")):
        assert int(eval(text)).bit_length() <= BITS_LIMIT
