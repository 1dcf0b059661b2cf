"""jax as a program sees it while it is traced: the same arrays as in its export, over values that are not known yet."""

from __future__ import annotations

import operator
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

    def operate(self, name: str, *operands: Any) -> Array:
        return self.wrapped(_OPERATORS[name](*[plain(operand(value)) for value in operands]))

    def method(self, name: str, array: Any, *args: Any, **named: Any) -> Array:
        return self.wrapped(getattr(plain(array), name)(*plain(args), **plain(named)))

    def call(self, name: str, *args: Any, **named: Any) -> Array:
        return self.wrapped(operator.attrgetter(name)(jnp)(*plain(args), **plain(named)))
