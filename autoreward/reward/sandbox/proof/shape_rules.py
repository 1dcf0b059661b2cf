"""Rules of operations that make arrays, or change their shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autoreward.reward.sandbox.proof.operation import Operation, common_axis, one_result
from autoreward.reward.sandbox.proof.values import (
    BATCH,
    COMPARED,
    KNOWN_LIMIT,
    Entry,
    ProgramRefused,
    Value,
    refuse_form,
)


def constant(operation: Operation) -> tuple[Value, ...]:
    """No batch axis; small integers are known."""
    result, text = operation.results[0], operation.attributes["value"]
    small = result.dtype != "f32" and result.elements <= KNOWN_LIMIT
    return one_result(operation, None, integers_of(text, result.elements) if small else None)


def integers_of(attribute: Any, count: int) -> list[Entry] | None:
    """The numbers of a constant of `count` integers, or None where it is another one."""
    from jax.extend.mlir import ir

    if not isinstance(attribute, ir.DenseIntElementsAttr):
        return None
    dense: Any = attribute
    if dense.is_splat:
        return [int(dense.get_splat_value().value)] * count
    return [int(number) for number in dense]


def iota(operation: Operation) -> tuple[Value, ...]:
    """Numbers that count an axis of fixed size: no batch axis."""
    return one_result(operation, None)


def size_of(operation: Operation) -> tuple[Value, ...]:
    """The size of an axis as a number: BATCH where it is that of the batch."""
    (value,), axis = operation.operands, operation.integer("dimension")
    size = value.shape[axis]
    return one_result(operation, None, [BATCH if size is None else size])


def planned_axis(operation: Operation, shape: Value) -> int | None:
    """The batch axis of a result whose shape is an operand, e.g. [N, 3]."""
    if shape.entries is None or COMPARED in shape.entries:
        refuse_form("computes the shape of an array")
    if shape.entries.count(BATCH) > 1:
        message = f"an array has the batch axis twice: {operation.batch.rows} of the batch are combined with each other"
        raise ProgramRefused("program.rows", message, operation.batch.cure)
    sizes = tuple(None if entry is BATCH else entry for entry in shape.entries)
    if sizes != operation.results[0].shape:
        refuse_form(f"has an array of shape {operation.results[0].shape} made as {sizes}")
    return shape.entries.index(BATCH) if BATCH in shape.entries else None


def dynamic_iota(operation: Operation) -> tuple[Value, ...]:
    """Numbers that count an axis of a planned shape. Refused along the batch: each row would know its place."""
    axis = planned_axis(operation, operation.operands[0])
    if axis is not None and axis == operation.integer("iota_dimension"):
        operation.mixes()
    return one_result(operation, axis)


def broadcast(operation: Operation) -> tuple[Value, ...]:
    """An array repeated to a fixed shape; known numbers stay known. Refused with a batch axis: it has no fixed size."""
    (value,) = operation.operands
    if value.axis is not None:
        operation.mixes()
    result = operation.results[0]
    if value.entries is None or result.elements > KNOWN_LIMIT:
        if value.has_size:
            operation.counts()
        return one_result(operation, None)
    return one_result(operation, None, _spread(value, operation.integers("broadcast_dimensions"), result))


def _spread(value: Value, places: Sequence[int], result: Value) -> list[Entry]:
    shape = [1] * len(result.shape)
    for place, size in zip(places, value.shape, strict=True):
        shape[place] = int(size or 0)
    entries = _as_array(value).reshape(shape)
    spread: list[Entry] = np.broadcast_to(entries, [int(size or 0) for size in result.shape]).ravel().tolist()
    return spread


def _as_array(value: Value) -> Any:
    entries = np.empty(len(value.entries or ()), dtype=object)
    entries[:] = value.entries
    return entries.reshape([int(size or 0) for size in value.shape])


def dynamic_broadcast(operation: Operation) -> tuple[Value, ...]:
    """An array repeated to a planned shape. Refused where the batch axis would move or be filled."""
    value, shape = operation.operands[:2]
    places = operation.integers("broadcast_dimensions")
    if value.has_size:
        operation.counts()
    axis = planned_axis(operation, shape)
    if value.axis is not None and axis != places[value.axis]:
        operation.mixes()
    if value.axis is None and any(place == axis and value.shape[dim] != 1 for dim, place in enumerate(places)):
        operation.mixes()
    return one_result(operation, axis)


def reshape(operation: Operation) -> tuple[Value, ...]:
    """Another fixed shape of the same entries. Refused with a batch axis, which has no fixed size."""
    (value,) = operation.operands
    if value.axis is not None:
        operation.mixes()
    return one_result(operation, None, value.entries)


def dynamic_reshape(operation: Operation) -> tuple[Value, ...]:
    """Another planned shape of the same entries. Refused where a row would not stay whole."""
    value, shape = operation.operands
    if value.has_size:
        operation.counts()
    axis = planned_axis(operation, shape)
    # Row-major: rows stay whole where the axes before the batch axis, and those behind it, hold as many entries.
    same = _around(value.shape, value.axis) == _around(operation.results[0].shape, axis)
    if not same or (value.axis is None) != (axis is None):
        operation.mixes()
    return one_result(operation, axis)


def _around(shape: Sequence[int | None], axis: int | None) -> tuple[int, int]:
    if axis is None:
        return math.prod(size or 0 for size in shape), 1
    return math.prod(size or 0 for size in shape[:axis]), math.prod(size or 0 for size in shape[axis + 1 :])


def concatenate(operation: Operation) -> tuple[Value, ...]:
    """Arrays one behind the other; sizes in a list stay known. Refused along the batch."""
    values, dimension = operation.operands, operation.integer("dimension")
    if all(value.entries is not None and len(value.shape) == 1 for value in values):
        return one_result(operation, None, [entry for value in values for entry in value.entries or ()])
    axis = common_axis(operation, values)
    if axis is not None and axis == dimension:
        operation.mixes()
    return one_result(operation, axis)


def transpose(operation: Operation) -> tuple[Value, ...]:
    """Axes in another order: the batch axis moves with them."""
    axis, order = common_axis(operation, operation.operands), operation.integers("permutation")
    return one_result(operation, None if axis is None else order.index(axis))


def reverse(operation: Operation) -> tuple[Value, ...]:
    """The entries of some axes in reverse. Refused along the batch."""
    axis = common_axis(operation, operation.operands)
    if axis is not None and axis in operation.integers("dimensions"):
        operation.mixes()
    return one_result(operation, axis)
