"""What a compiled program costs, by operation: a fixed table of nanoseconds, so that a verdict never depends on load.

The numbers were measured on one core of a server (x86-64, XLA for CPU, 49,152 rows of 16 numbers) and rounded up. They
bound what an operation costs alone; fused ones cost less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autoreward.reward.sandbox.proof.operation import Operation
from autoreward.reward.sandbox.proof.values import ProgramRefused, Value

FULL_ROWS = 49_152  # transitions of one evaluation: the largest rollout of the defaults
TIME_LIMIT = 0.25  # [s] of one core for one evaluation of them; it may take twice as long when it is measured
FIXED_LIMIT = 0.02  # [s] for what does not grow with the rows: a single step of an exported reward pays it too
ROW_TENSOR_LIMIT = 2_048  # elements a row in one array: 49,152 rows of it are 400 MB
FIXED_TENSOR_LIMIT = 1_000_000  # elements of an array without batch axis
OPERATION_LIMIT = 20_000

PLAIN = 1.0  # [ns] an element
ELEMENT_COST = {
    "atan2": 15.0, "cbrt": 12.0, "chlo": 15.0, "cosine": 4.0, "dot_general": 7.0, "exponential_minus_one": 1.5,
    "log_plus_one": 3.0, "power": 4.0, "remainder": 15.0, "sine": 4.0, "sort": 17.0, "tan": 8.0,
    "acos": 19.0, "acosh": 5.0, "asin": 12.0, "asinh": 5.0, "atan": 10.0, "atanh": 5.0, "cosh": 2.0, "erf": 5.0,
    "sinh": 2.0, "reduce_window": 7.0,
}  # fmt: skip
"""[ns] an element where it is not PLAIN; `sort` times log2(n), `dot_general` a product of two numbers."""


@dataclass(frozen=True)
class Cost:
    """What a part of a program costs with all that it calls."""

    row: float = 0.0  # [ns] a row of the batch
    fixed: float = 0.0  # [ns]
    operations: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.row + other.row, self.fixed + other.fixed, self.operations + other.operations)

    def larger(self, other: Cost) -> Cost:
        """The bound where one of both runs."""
        return Cost(max(self.row, other.row), max(self.fixed, other.fixed), self.operations + other.operations)


def cost_of(operation: Operation, results: tuple[Value, ...], rows_times: int, body: Cost | None = None) -> Cost:
    """The cost of one operation.

    Args:
        operation: with its operands.
        results: what its rule found.
        rows_times: entries of the batch axis that count as one row (steps of an episode).
        body: what its region costs for one element, where it has one.

    Raises:
        ProgramRefused: an array is too large.
    """
    arrays = [*operation.operands, *results]
    for value in arrays:
        _check_size(value, rows_times)
    if not arrays or all(value.entries is not None for value in results):
        return Cost(operations=1)
    work = _work(operation, arrays, 0.0 if body is None else body.fixed)
    inner = 0 if body is None else body.operations
    batched = any(value.axis is not None for value in arrays)
    return Cost(work if batched else 0.0, 0.0 if batched else work, 1 + inner)


def _check_size(value: Value, rows_times: int) -> None:
    batched = value.axis is not None
    if value.elements > (ROW_TENSOR_LIMIT * rows_times if batched else FIXED_TENSOR_LIMIT):
        message = f"an array has {value.elements} elements" + (" a row" if batched else "")
        raise ProgramRefused("program.cost", message, "Use smaller intermediate arrays.")


def _work(operation: Operation, arrays: list[Value], body: float) -> float:
    """[ns], a row or fixed."""
    name, elements = operation.name, max(value.elements for value in arrays)
    price = ELEMENT_COST.get(name, PLAIN)
    if name == "dot_general":
        left, right, result = arrays
        return price * max(elements, math.sqrt(left.elements * right.elements * result.elements))
    if name == "sort":
        length = operation.operands[0].shape[operation.integer("dimension")] or 1
        return max(price, body) * elements * max(1.0, math.log2(length)) * (1 + 0.25 * (len(operation.results) - 1))
    if name == "reduce_window":
        return max(price, body) * elements * (1 if _cumulative(operation) else _window(operation))
    return max(price, body) * elements


def _window(operation: Operation) -> int:
    return math.prod(operation.integers("window_dimensions"))


def _cumulative(operation: Operation) -> bool:
    """Whether each window is a whole axis: XLA computes such ones as a scan."""
    shape, windows = operation.operands[0].shape, operation.integers("window_dimensions")
    plain = not {"window_strides", "base_dilations", "window_dilations"} & set(operation.attributes)
    wide = [place for place, size in enumerate(windows) if size != 1]
    return plain and len(wide) == 1 and windows[wide[0]] == shape[wide[0]]


def check_cost(total: Cost, rows_times: int) -> None:
    """Refuse a program that takes too long on a full rollout.

    Raises:
        ProgramRefused: it does.
    """
    if total.operations > OPERATION_LIMIT:
        message = f"the compiled program has {total.operations} operations, at most {OPERATION_LIMIT} are allowed"
        raise ProgramRefused("program.size", message, "Use array expressions in place of long unrolled loops.")
    seconds = (total.row * FULL_ROWS / rows_times + total.fixed) * 1e-9
    remedy = "Use fewer and smaller intermediate arrays; a sort costs most, then trigonometry and powers."
    if seconds > TIME_LIMIT:
        message = f"one evaluation of {FULL_ROWS} steps would take about {seconds:.1f} s, at most {TIME_LIMIT} s"
        raise ProgramRefused("program.cost", message, remedy)
    if total.fixed * 1e-9 > FIXED_LIMIT:
        message = (
            f"what is the same for all rows takes about {total.fixed * 1e-6:.0f} ms, at most {FIXED_LIMIT * 1e3:.0f} ms"
        )
        raise ProgramRefused("program.cost", message, remedy)
