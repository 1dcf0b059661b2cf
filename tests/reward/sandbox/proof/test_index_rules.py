"""Operations that pick, cut or pad entries: never from row to row, never by the number of rows."""

from __future__ import annotations

import pytest
from jax.extend.mlir.dialects import stablehlo
from jax.interpreters.mlir import make_ir_context

from autoreward.reward.sandbox.proof import index_rules as rules
from autoreward.reward.sandbox.proof.values import BATCH, COMPARED, ProgramRefused, Value
from tests.reward.sandbox.proof.operations import FEATURES, PLAIN, ROWS, known, operation

ZERO = Value((), "f32")
EDGES = ("edge_padding_low", "edge_padding_high", "interior_padding")


@pytest.mark.parametrize("edge", range(3))
def test_entries_are_padded_and_rows_are_not(edge: int) -> None:
    def padded(place: int, told: str) -> tuple[Value, ...]:
        edges = {name: [int((number, axis) == (edge, place)) for axis in range(2)] for number, name in enumerate(EDGES)}
        return rules.pad(operation("pad", (FEATURES, ZERO), told, **edges))

    assert padded(1, "tensor<?x4xf32>")[0].axis == 0
    with pytest.raises(ProgramRefused, match="padding runs over the rows"):
        padded(0, "tensor<?x3xf32>")


def test_padding_that_is_computed() -> None:
    none, one = known(0, 0), known(0, 1)
    made = operation("dynamic_pad", (FEATURES, ZERO, one, none, none), "tensor<?x4xf32>")
    assert rules.dynamic_pad(made)[0].axis == 0
    for edge, words in ((known(1, 0), "runs over the rows"), (known(0, BATCH), "used as a number")):
        with pytest.raises(ProgramRefused, match=words):
            rules.dynamic_pad(operation("dynamic_pad", (FEATURES, ZERO, edge, none, none), "tensor<?x4xf32>"))


def test_a_slice_of_a_shape_is_known() -> None:
    cut = {"start_indices": [1], "limit_indices": [3], "strides": [1]}
    assert rules.plain_slice(operation("slice", (known(BATCH, 2, 3),), "tensor<2xi32>", **cut))[0].entries == (2, 3)
    with pytest.raises(ProgramRefused, match="a slice runs over the rows"):
        rules.plain_slice(operation("slice", (ROWS,), "tensor<2xf32>", **cut))


def test_a_slice_by_a_computed_place_has_no_rows() -> None:
    assert rules.dynamic_slice(operation("dynamic_slice", (PLAIN, PLAIN), "tensor<1xf32>"))[0].axis is None
    with pytest.raises(ProgramRefused, match="a slice runs over the rows"):
        rules.dynamic_slice(operation("dynamic_slice", (FEATURES, PLAIN), "tensor<1xf32>"))


@pytest.mark.parametrize(
    ("first", "last", "step", "words"),
    [
        (known(0, 0), known(BATCH, 2), known(1, 1), ""),
        (known(1, 0), known(BATCH, 2), known(1, 1), "runs over the rows"),
        (known(0, 0), known(5, 2), known(1, 1), "runs over the rows"),
        (known(0, 0), known(BATCH, 2), known(2, 1), "runs over the rows"),
        (known(0, 0), known(BATCH, BATCH), known(1, 1), "used as a number"),
        (known(0, COMPARED), known(BATCH, 2), known(1, 1), "used as a number"),
        (Value((2,), "i32"), known(BATCH, 2), known(1, 1), "runs over the rows"),
    ],
)
def test_all_rows_or_none(first: Value, last: Value, step: Value, words: str) -> None:
    one = operation("real_dynamic_slice", (FEATURES, first, last, step), "tensor<?x2xf32>")
    if words:
        with pytest.raises(ProgramRefused, match=words):
            rules.real_dynamic_slice(one)
    else:
        assert rules.real_dynamic_slice(one)[0].axis == 0


def test_an_index_that_holds_the_number_of_rows_is_refused() -> None:
    with make_ir_context():
        numbers = stablehlo.GatherDimensionNumbers.get([], [0], [], [], [0], 1)
        facts = {"dimension_numbers": numbers, "slice_sizes": [1]}
        place = Value((1, 1), "i32", None, (1,))
        # an entry of a shape by a known place, counted from its ends where it lies outside
        (size,) = rules.gather(operation("gather", (known(BATCH, 7), place), "tensor<1xi32>", **facts))
        assert size.entries == (7,)
        outside = Value((1, 1), "i32", None, (99,))
        assert rules.gather(operation("gather", (known(3, 7), outside), "tensor<1xi32>", **facts))[0].entries == (7,)
        with pytest.raises(ProgramRefused, match="used as a number"):
            counted = Value((1, 1), "i32", None, (BATCH,))
            rules.gather(operation("gather", (PLAIN, counted), "tensor<1xf32>", **facts))
        with pytest.raises(ProgramRefused, match="an index runs over the rows"):
            rules.gather(operation("gather", (ROWS, place), "tensor<1xf32>", **facts))
