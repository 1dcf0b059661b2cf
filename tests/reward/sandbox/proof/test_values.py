"""What is known of arrays: types as a program writes them, and sizes that are never lost sight of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.reward.sandbox.proof.values import (
    BATCH,
    COMPARED,
    DTYPES,
    KNOWN_LIMIT,
    ProgramRefused,
    Value,
    checked_result,
    value_of_type,
)


@given(st.lists(st.none() | st.integers(0, 10**6), max_size=5), st.sampled_from(sorted(DTYPES)))
def test_a_type_comes_back_as_it_was_written(shape: list[int | None], dtype: str) -> None:
    text = "tensor<" + "".join(f"{'?' if size is None else size}x" for size in shape) + f"{dtype}>"
    assert value_of_type(text) == Value(tuple(shape), dtype)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("tensor<?x6xf64>", "program.dtype"),
        ("tensor<complex<f32>>", "program.dtype"),
        ("tensor<2xi64>", "program.dtype"),
        ("tuple<tensor<f32>>", "program.form"),
        ("tensor<*xf32>", "program.form"),
        ("!stablehlo.token", "program.form"),
        ("", "program.form"),
    ],
)
def test_other_types_are_refused(text: str, rule: str) -> None:
    with pytest.raises(ProgramRefused) as refused:
        value_of_type(text)
    assert refused.value.finding.rule == rule


def test_the_number_of_rows_is_seen_in_an_array() -> None:
    assert Value((2,), "i32", None, (BATCH, 3)).has_size
    assert Value((1,), "i1", None, (COMPARED,)).has_size
    assert not Value((2,), "i32", None, (2, 3)).has_size
    assert not Value((2,), "i32").has_size


def test_numbers_are_given_where_all_are_plain() -> None:
    assert Value((2,), "i32", None, (2, 3)).numbers == (2, 3)
    assert Value((2,), "i32", None, (BATCH, 3)).numbers is None
    assert Value((2,), "i32").numbers is None


def test_elements_are_those_of_a_row() -> None:
    assert Value((None, 2, 3), "f32", 0).elements == 6
    assert Value((), "f32").elements == 1


def test_a_result_has_the_batch_axis_that_its_type_leaves_open() -> None:
    told = Value((None, 3), "f32")
    assert checked_result(told, 0).axis == 0
    for axis in (None, 1):
        with pytest.raises(ProgramRefused, match="batch axis"):
            checked_result(told, axis)
    with pytest.raises(ProgramRefused, match="batch axis"):
        checked_result(Value((3,), "f32"), 0)


def test_entries_are_kept_of_small_arrays_of_integers() -> None:
    assert checked_result(Value((2,), "i32"), None, [1, 2]).entries == (1, 2)
    assert checked_result(Value((2,), "f32"), None, [1, 2]).entries is None
    many = KNOWN_LIMIT + 1
    assert checked_result(Value((many,), "i32"), None, [0] * many).entries is None


@pytest.mark.parametrize("told", [Value((2,), "f32"), Value((3,), "i32")])
def test_a_size_may_not_get_out_of_sight(told: Value) -> None:
    with pytest.raises(ProgramRefused, match="keeps sizes"):
        checked_result(told, None, [BATCH, 2])


def test_the_innermost_line_is_told() -> None:
    refused = ProgramRefused("program.form", "m", "r")
    refused.at(3)
    refused.at(7)
    assert refused.finding.line == 3
