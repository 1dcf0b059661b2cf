"""Operations that make arrays or change their shape: where the batch axis goes, and where it may not go."""

from __future__ import annotations

import pytest

from autoreward.reward.sandbox.proof import shape_rules as rules
from autoreward.reward.sandbox.proof.values import BATCH, COMPARED, ProgramRefused, Value
from tests.reward.sandbox.proof.operations import FEATURES, PLAIN, ROWS, known, operation

SIZE = Value((), "i32", None, (BATCH,))


def test_the_size_of_an_axis_is_known() -> None:
    (rows,) = rules.size_of(operation("get_dimension_size", (FEATURES,), "tensor<i32>", dimension=0))
    (entries,) = rules.size_of(operation("get_dimension_size", (FEATURES,), "tensor<i32>", dimension=1))
    assert (rows.entries, entries.entries) == ((BATCH,), (3,))


@pytest.mark.parametrize(("shape", "axis"), [(known(BATCH, 3), 0), (known(3, BATCH), 1), (known(3, 4), None)])
def test_the_batch_axis_of_a_planned_shape(shape: Value, axis: int | None) -> None:
    told = "x".join("?" if entry is BATCH else str(entry) for entry in shape.entries or ())
    one = operation("dynamic_iota", (shape,), f"tensor<{told}xi32>", iota_dimension=1 if axis == 0 else 0)
    assert rules.planned_axis(one, shape) == axis


@pytest.mark.parametrize(
    ("shape", "told", "words"),
    [
        (Value((2,), "i32"), "tensor<?x3xf32>", "computes the shape"),
        (known(COMPARED, 3), "tensor<?x3xf32>", "computes the shape"),
        (known(BATCH, BATCH), "tensor<?x?xf32>", "has the batch axis twice"),
        (known(BATCH, 4), "tensor<?x3xf32>", "has an array of shape"),
    ],
)
def test_a_shape_that_is_none_of_a_batch(shape: Value, told: str, words: str) -> None:
    with pytest.raises(ProgramRefused, match=words):
        rules.planned_axis(operation("dynamic_reshape", (), told), shape)


def test_numbering_runs_over_entries_and_not_over_rows() -> None:
    shape = known(BATCH, 3)
    assert rules.dynamic_iota(operation("dynamic_iota", (shape,), "tensor<?x3xi32>", iota_dimension=1))[0].axis == 0
    with pytest.raises(ProgramRefused, match="numbering with"):
        rules.dynamic_iota(operation("dynamic_iota", (shape,), "tensor<?x3xi32>", iota_dimension=0))


def test_known_integers_are_spread_with_their_shape() -> None:
    one = operation("broadcast_in_dim", (known(4, 5),), "tensor<2x2xi32>", broadcast_dimensions=[0])
    assert rules.broadcast(one)[0].entries == (4, 4, 5, 5)
    size = operation("broadcast_in_dim", (SIZE,), "tensor<1xi32>", broadcast_dimensions=[])
    assert rules.broadcast(size)[0].entries == (BATCH,)


def test_a_size_is_not_spread_over_an_array_of_data() -> None:
    with pytest.raises(ProgramRefused, match="used as a number"):
        rules.broadcast(operation("broadcast_in_dim", (SIZE,), "tensor<65xi32>", broadcast_dimensions=[]))


def test_rows_stay_at_their_place_in_a_broadcast() -> None:
    shape = known(BATCH, 3)
    told = "tensor<?x3xf32>"
    kept = operation("dynamic_broadcast_in_dim", (ROWS, shape), told, broadcast_dimensions=[0])
    assert rules.dynamic_broadcast(kept)[0].axis == 0
    same = operation("dynamic_broadcast_in_dim", (PLAIN, shape), told, broadcast_dimensions=[1])
    assert rules.dynamic_broadcast(same)[0].axis == 0
    for operand, places in ((ROWS, [1]), (PLAIN, [0])):  # rows become entries; entries become rows
        with pytest.raises(ProgramRefused, match="would depend on others"):
            one = operation("dynamic_broadcast_in_dim", (operand, shape), told, broadcast_dimensions=places)
            rules.dynamic_broadcast(one)


@pytest.mark.parametrize(
    ("value", "shape", "told", "axis"),
    [
        (Value((None, 6), "f32", 0), known(BATCH, 2, 3), "tensor<?x2x3xf32>", 0),
        (Value((None, 1), "f32", 0), known(BATCH), "tensor<?xf32>", 0),
        (Value((2, None, 3), "f32", 1), known(1, 2, BATCH, 3), "tensor<1x2x?x3xf32>", 2),
        (Value((None, 6), "f32", 0), known(6, BATCH), "tensor<6x?xf32>", "mixed"),  # across rows
        (Value((2, None, 3), "f32", 1), known(3, BATCH, 2), "tensor<3x?x2xf32>", "mixed"),
    ],
)
def test_a_reshape_keeps_rows_whole(value: Value, shape: Value, told: str, axis: object) -> None:
    one = operation("dynamic_reshape", (value, shape), told)
    if axis == "mixed":
        with pytest.raises(ProgramRefused, match="a reshape runs over the rows"):
            rules.dynamic_reshape(one)
    else:
        assert rules.dynamic_reshape(one)[0].axis == axis


def test_a_plain_reshape_has_no_rows() -> None:
    assert rules.reshape(operation("reshape", (known(1, 2),), "tensor<2x1xi32>"))[0].entries == (1, 2)
    with pytest.raises(ProgramRefused):
        rules.reshape(operation("reshape", (FEATURES,), "tensor<3xf32>"))


def test_shapes_are_joined_entry_by_entry() -> None:
    one = operation("concatenate", (known(BATCH), known(2, 3)), "tensor<3xi32>", dimension=0)
    assert rules.concatenate(one)[0].entries == (BATCH, 2, 3)


def test_arrays_are_joined_beside_the_batch_axis() -> None:
    beside = operation("concatenate", (FEATURES, FEATURES), "tensor<?x6xf32>", dimension=1)
    assert rules.concatenate(beside)[0].axis == 0
    with pytest.raises(ProgramRefused, match="a concatenation or roll"):
        rules.concatenate(operation("concatenate", (FEATURES, FEATURES), "tensor<?x3xf32>", dimension=0))


def test_a_transposition_moves_the_batch_axis() -> None:
    one = operation("transpose", (FEATURES,), "tensor<3x?xf32>", permutation=[1, 0])
    assert rules.transpose(one)[0].axis == 1


def test_a_flip_may_not_run_over_rows() -> None:
    assert rules.reverse(operation("reverse", (FEATURES,), "tensor<?x3xf32>", dimensions=[1]))[0].axis == 0
    with pytest.raises(ProgramRefused, match="a flip"):
        rules.reverse(operation("reverse", (FEATURES,), "tensor<?x3xf32>", dimensions=[0]))
