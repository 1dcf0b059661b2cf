"""Rules of operations that combine entries: products, reductions, cumulative sums, sorts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autoreward.reward.sandbox.proof.operation import Operation, common_axis, one_result
from autoreward.reward.sandbox.proof.shape_rules import integers_of
from autoreward.reward.sandbox.proof.values import Value, checked_result


def dot(operation: Operation) -> tuple[Value, ...]:
    """The result of a product: batch axes first, then the free ones of both sides."""
    left, right = operation.operands
    if left.has_size or right.has_size:
        operation.counts()
    numbers = dot_numbers(operation)
    shared = list(zip(numbers.lhs_batching_dimensions, numbers.rhs_batching_dimensions, strict=True))
    free_left = _free(left, [*(one for one, _ in shared), *numbers.lhs_contracting_dimensions])
    free_right = _free(right, [*(one for _, one in shared), *numbers.rhs_contracting_dimensions])
    if left.axis is None and right.axis is None:
        return one_result(operation, None)
    paired = [(left.axis, right.axis) == pair for pair in shared]
    if any(paired):
        return one_result(operation, paired.index(True))
    if right.axis is None and left.axis in free_left:
        return one_result(operation, len(shared) + free_left.index(left.axis))
    if left.axis is None and right.axis in free_right:
        return one_result(operation, len(shared) + len(free_left) + free_right.index(right.axis))
    return operation.mixes()


def dot_numbers(operation: Operation) -> Any:
    """The axes of a product that are batched and contracted, as StableHLO has them."""
    from jax.extend.mlir.dialects import stablehlo

    return stablehlo.DotDimensionNumbers(operation.attributes["dot_dimension_numbers"])


def _free(value: Value, used: Sequence[int]) -> list[int]:
    return [place for place in range(len(value.shape)) if place not in used]


def reduced(operation: Operation) -> tuple[Value, ...]:
    """The results of a reduction over some axes."""
    count = len(operation.results)
    axis = common_axis(operation, operation.operands[:count])
    common_axis(operation, operation.operands[count:])
    dimensions = operation.integers("dimensions")
    if axis is not None and axis in dimensions:
        operation.mixes()
    kept = None if axis is None else axis - sum(dimension < axis for dimension in dimensions)
    return tuple(checked_result(declared, kept) for declared in operation.results)


def windowed(operation: Operation) -> tuple[Value, ...]:
    """The results of a reduction over windows: cumulative sums."""
    count = len(operation.results)
    axis = common_axis(operation, operation.operands[:count])
    common_axis(operation, operation.operands[count:])
    if axis is not None and not _windows_are_rows(operation, axis):
        operation.mixes()
    return tuple(checked_result(declared, axis) for declared in operation.results)


def _windows_are_rows(operation: Operation, axis: int) -> bool:
    ones = [1] * len(operation.results[0].shape)
    names = ("window_dimensions", "window_strides", "base_dilations", "window_dilations")
    padding = integers_of(operation.attributes["padding"], 2 * len(ones)) if "padding" in operation.attributes else []
    edges = None if padding is None else padding[2 * axis : 2 * axis + 2]
    return edges in ([], [0, 0]) and all(operation.integers(name, ones)[axis] == 1 for name in names)


def sorted_values(operation: Operation) -> tuple[Value, ...]:
    """The results of a sort along one axis."""
    axis = common_axis(operation, operation.operands)
    if axis is not None and axis == operation.integer("dimension") % len(operation.operands[0].shape):
        operation.mixes()
    return tuple(checked_result(declared, axis) for declared in operation.results)
