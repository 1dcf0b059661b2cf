"""Rules of operations that pick, cut or pad entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autoreward.reward.sandbox.proof.operation import Operation, common_axis, one_result
from autoreward.reward.sandbox.proof.values import BATCH, COMPARED, Entry, Value, refuse_form


def pad(operation: Operation) -> tuple[Value, ...]:
    """Entries added at fixed places. Refused along the batch."""
    value, filling = operation.operands
    axis = common_axis(operation, [value])
    common_axis(operation, [filling])
    edges = [operation.integers(name) for name in ("edge_padding_low", "edge_padding_high", "interior_padding")]
    if axis is not None and any(edge[axis] != 0 for edge in edges):
        operation.mixes()
    return one_result(operation, axis)


def dynamic_pad(operation: Operation) -> tuple[Value, ...]:
    """Entries added at computed places. Refused along the batch, and by a number that is its size."""
    value, filling, *edges = operation.operands
    axis = common_axis(operation, [value])
    common_axis(operation, [filling])
    if axis is not None and any(edge.entries is None or edge.entries[axis] != 0 for edge in edges):
        operation.mixes()
    if any(edge.has_size for edge in edges):
        operation.counts()
    return one_result(operation, axis)


def plain_slice(operation: Operation) -> tuple[Value, ...]:
    """Entries between fixed places; of a list of known sizes they stay known. Refused with a batch axis."""
    (value,) = operation.operands
    if value.axis is not None:
        operation.mixes()
    if value.entries is None or len(value.shape) != 1:
        return one_result(operation, common_axis(operation, [value]))
    (first,), (last,), (step,) = (operation.integers(name) for name in ("start_indices", "limit_indices", "strides"))
    return one_result(operation, None, value.entries[first:last:step])


def dynamic_slice(operation: Operation) -> tuple[Value, ...]:
    """Entries from computed places on. Refused with a batch axis, in the array or in the places."""
    if any(value.axis is not None for value in operation.operands):
        operation.mixes()
    return one_result(operation, common_axis(operation, operation.operands))


def real_dynamic_slice(operation: Operation) -> tuple[Value, ...]:
    """Entries between computed places. Refused where rows are left out, or the size of the batch is a place."""
    value, *bounds = operation.operands
    axis = common_axis(operation, [value])
    known = [bound.entries for bound in bounds]
    whole = (0, BATCH, 1)  # first, limit and stride of all rows
    for place in range(len(value.shape)):
        sizes = tuple(None if entries is None else entries[place] for entries in known)
        if place == axis and sizes != whole:
            operation.mixes()
        if place != axis and any(entry is BATCH or entry is COMPARED for entry in sizes):
            operation.counts()
    return one_result(operation, axis)


def gather(operation: Operation) -> tuple[Value, ...]:
    """Entries by index: one size of a list of sizes, or entries of each row by the row's own index.

    Refused where a row would pick from others, or the size of the batch would be an index.
    """
    from jax.extend.mlir.dialects import stablehlo

    table, index = operation.operands[:2]
    numbers = stablehlo.GatherDimensionNumbers(operation.attributes["dimension_numbers"])
    if index.has_size:
        operation.counts()
    if table.entries is not None and index.numbers is not None and operation.name == "gather":
        entries = _looked_up(table, index, numbers, operation.integers("slice_sizes"))
        if entries is not None:
            return one_result(operation, None, entries)
    if table.has_size:
        operation.counts()
    if operation.name == "gather":
        sizes: Sequence[Entry] = operation.integers("slice_sizes")
    elif (indices := operation.operands[2].entries) is not None:
        sizes = indices
    else:
        refuse_form("computes the shape of an array")
    return one_result(operation, _gathered_axis(operation, numbers, sizes))


def _looked_up(table: Value, index: Value, numbers: Any, sizes: Sequence[int]) -> list[Entry] | None:
    """Entries of a list by known places, e.g. one size of a shape."""
    plain = list(numbers.collapsed_slice_dims) == [0] == list(numbers.start_index_map) and tuple(sizes) == (1,)
    if not plain or len(table.shape) != 1 or numbers.index_vector_dim != len(index.shape) - 1 or table.entries is None:
        return None
    last = len(table.entries) - 1
    return [table.entries[min(max(place, 0), last)] for place in index.numbers or ()]


def _gathered_axis(operation: Operation, numbers: Any, sizes: Sequence[Entry]) -> int | None:
    table, index = operation.operands[:2]
    paired = dict(zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True))
    if any(entry is BATCH and place != table.axis for place, entry in enumerate(sizes)):
        operation.counts()
    if table.axis is None and index.axis is None:
        return None
    if table.axis is None or table.axis in paired:
        if table.axis is not None and paired[table.axis] != index.axis:
            operation.mixes()
        return _place_of_index(operation, numbers)
    fixed = {*numbers.collapsed_slice_dims, *numbers.start_index_map}
    if index.axis is not None or table.axis in fixed or sizes[table.axis] is not BATCH:
        operation.mixes()
    kept = [dim for dim in range(len(table.shape)) if dim not in {*numbers.collapsed_slice_dims, *paired}]
    return int(numbers.offset_dims[kept.index(table.axis)])


def _place_of_index(operation: Operation, numbers: Any) -> int:
    """Where the batch axis of the indices of a gather is in its result."""
    index = operation.operands[1]
    if index.axis is None or index.axis == numbers.index_vector_dim:
        operation.mixes()
    if operation.operands[0].axis is None and index.axis in numbers.start_indices_batching_dims:
        operation.mixes()
    places = [dim for dim in range(len(operation.results[0].shape)) if dim not in numbers.offset_dims]
    kept = [dim for dim in range(len(index.shape)) if dim != numbers.index_vector_dim]
    return places[kept.index(index.axis)]
