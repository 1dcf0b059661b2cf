"""jax as a program sees it while it is traced: the same arrays as in its export, over values that are not known yet."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from autoreward.reward.arrays import Array, Engine, Rows, RowsError, operand, plain

BATCH = "b"  # how the number of rows is called in a traced program
_OPERATORS: dict[str, Any] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "true_divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
    "matmul": operator.matmul,
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "negative": operator.neg,
    "positive": operator.pos,
    "absolute": operator.abs,
    "invert": operator.invert,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}


class JaxEngine(Engine):
    """`jax.numpy` on the arrays of a program."""

    _module = jnp

    def size(self, size: Any) -> Any:
        """An entry of a shape: a number, or the number of rows.

        Raises:
            RowsError: it is computed from the number of rows.
        """
        if isinstance(size, int):
            return size
        if str(size) != BATCH:
            raise RowsError("the number of rows of the batch is used as a number: an axis is computed from it")
        return Rows(size)

    def entries(self, array: Any, index: Any) -> Array:
        """`array[index]`.

        Raises:
            IndexError: a number of the index is none of its axis. numpy raises the same; jax takes the nearest entry.
        """
        _check_places(plain(array).shape, index if isinstance(index, tuple) else (index,))
        return super().entries(array, index)

    def operate(self, name: str, *operands: Any) -> Array:
        return self.wrapped(_OPERATORS[name](*[plain(operand(value)) for value in operands]))

    def method(self, name: str, array: Any, *args: Any, **named: Any) -> Array:
        return self.wrapped(getattr(plain(array), name)(*plain(args), **plain(named)))

    def call(self, name: str, *args: Any, **named: Any) -> Array:
        return self.wrapped(operator.attrgetter(name)(jnp)(*plain(args), **plain(named)))


def _check_places(shape: Sequence[Any], index: Sequence[Any]) -> None:
    """Each number of an index, also in a list, is a place of its axis."""
    parts = [part for part in index if part is not None]
    dots = next((place for place, part in enumerate(parts) if part is Ellipsis), len(parts))
    last = parts[dots + 1 :]  # these take the last axes
    axes = [*enumerate(parts[:dots]), *zip(range(len(shape) - len(last), len(shape)), last, strict=True)]
    for axis, part in axes:
        size = shape[axis] if 0 <= axis < len(shape) else None  # too many of them: jax says so
        for place in part if isinstance(part, list | tuple) else (part,):
            if isinstance(place, int) and isinstance(size, int) and not -size <= place < size:
                raise IndexError(f"index {place} is out of bounds for axis {axis} with size {size}")
