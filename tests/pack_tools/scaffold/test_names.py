"""Names of a model as a reward program can write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.pack_tools.scaffold.names import plain_name, unique


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Left Foot", "left_foot"), ("FL_hip--joint", "fl_hip_joint"), ("__x__", "x"), ("2nd/toe", "n2nd_toe"),
        ("", "body_3"), ("+", "body_3"), ("B\u00f6den", "boden"),
        ("\u043d\u043e\u0433\u0430", "enoghea"), ("\u6e6f", "n6e6f"),
    ],
)  # fmt: skip
def test_a_plain_name(name: str, plain: str) -> None:
    assert plain_name(name, "body_3") == plain


@given(st.text(max_size=20))
def test_any_name_becomes_an_attribute(name: str) -> None:
    plain = plain_name(name, "otherwise")
    assert plain.isidentifier() and plain.isascii() and "__" not in plain and not plain.startswith("_")


@given(st.lists(st.sampled_from(["a", "b", "a_2"]), max_size=8))
def test_no_name_is_given_twice(names: list[str]) -> None:
    taken: set[str] = set()
    given_out = [unique(name, taken) for name in names]
    assert len(set(given_out)) == len(names) == len(taken)


def test_the_first_number_that_is_free() -> None:
    taken = {"a", "a_2"}
    assert unique("a", taken) == "a_3" and unique("b", taken) == "b"
