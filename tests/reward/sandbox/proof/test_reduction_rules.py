"""Operations that combine entries: over the axes of a row, never over rows."""

from __future__ import annotations

import pytest
from jax.extend.mlir.dialects import stablehlo
from jax.interpreters.mlir import make_ir_context

from autoreward.reward.sandbox.proof import reduction_rules as rules
from autoreward.reward.sandbox.proof.values import BATCH, ProgramRefused, Value
from tests.reward.sandbox.proof.operations import FEATURES, PLAIN, ROWS, known, operation

ZERO = Value((), "f32")


def test_the_batch_axis_moves_up_where_axes_before_it_are_summed() -> None:
    steps = Value((5, None, 3), "f32", 1)
    assert rules.reduced(operation("reduce", (steps, ZERO), "tensor<?x3xf32>", dimensions=[0]))[0].axis == 0
    assert rules.reduced(operation("reduce", (steps, ZERO), "tensor<5x?xf32>", dimensions=[2]))[0].axis == 1
    assert rules.reduced(operation("reduce", (PLAIN, ZERO), "tensor<f32>", dimensions=[0]))[0].axis is None
    with pytest.raises(ProgramRefused, match="another reduction runs over the rows"):
        rules.reduced(operation("reduce", (steps, ZERO), "tensor<5x3xf32>", dimensions=[1]))


def test_a_start_value_that_counts_rows_is_refused() -> None:
    with pytest.raises(ProgramRefused, match="used as a number"):
        size = Value((), "i32", None, (BATCH,))
        rules.reduced(operation("reduce", (Value((3,), "i32"), size), "tensor<i32>", dimensions=[0]))


def test_a_sort_runs_along_one_axis() -> None:
    assert rules.sorted_values(operation("sort", (FEATURES,), "tensor<?x3xf32>", dimension=1))[0].axis == 0
    assert rules.sorted_values(operation("sort", (FEATURES,), "tensor<?x3xf32>", dimension=-1))[0].axis == 0
    for dimension in (0, -2):
        with pytest.raises(ProgramRefused, match="a sort or median"):
            rules.sorted_values(operation("sort", (FEATURES,), "tensor<?x3xf32>", dimension=dimension))


def test_a_window_of_one_row() -> None:
    def windowed(size: int) -> tuple[Value, ...]:
        return rules.windowed(
            operation("reduce_window", (FEATURES, ZERO), "tensor<?x3xf32>", window_dimensions=[size, 3])
        )

    assert windowed(1)[0].axis == 0
    with pytest.raises(ProgramRefused, match="a cumulative sum"):
        windowed(2)


@pytest.mark.parametrize(
    ("left", "right", "contracted", "told", "axis"),
    [
        (FEATURES, Value((3, 4), "f32"), ([1], [0]), "tensor<?x4xf32>", 0),
        (Value((4, 3), "f32"), FEATURES, ([1], [1]), "tensor<4x?xf32>", 1),
        (PLAIN, PLAIN, ([0], [0]), "tensor<f32>", None),
        (ROWS, FEATURES, ([0], [0]), "tensor<3xf32>", "mixed"),  # a sum over rows
        (FEATURES, FEATURES, ([1], [1]), "tensor<3x3xf32>", "mixed"),  # every row with every other
    ],
)
def test_products(left: Value, right: Value, contracted: tuple[list[int], list[int]], told: str, axis: object) -> None:
    with make_ir_context():
        numbers = stablehlo.DotDimensionNumbers.get([], [], *contracted)
        one = operation("dot_general", (left, right), told, dot_dimension_numbers=numbers)
        if axis == "mixed":
            with pytest.raises(ProgramRefused, match="a product runs over the rows"):
                rules.dot(one)
        else:
            assert rules.dot(one)[0].axis == axis


def test_a_product_with_the_number_of_rows_is_refused() -> None:
    with pytest.raises(ProgramRefused, match="used as a number"):
        rules.dot(operation("dot_general", (known(BATCH), known(2)), "tensor<i32>"))
