"""Between which numbers each array lies, where that can be told: what numpy and XLA do differently is kept out.

Beyond the entries of an array XLA clamps an index or gives NaN, and numpy raises. A float beyond int32 is saturated by
one and wrapped by the other; integers that outgrow 32 bits are wrapped by one, and counted in 64 bits by the other. An
integer divided by 0 is -1 in XLA and 0 in numpy. A reward where one of these cannot be excluded would be another one in
its export. Bounds say nothing of NaN, which has none: a float may always be one, so a comparison of floats is never
certain to be true, and a float that is cast may give the integer 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autoreward.reward.sandbox.proof.operation import Operation
from autoreward.reward.sandbox.proof.reduction_rules import dot_numbers
from autoreward.reward.sandbox.proof.values import ANYTHING, Bounds, Entry, ProgramRefused, Value

LOWEST, HIGHEST = -(2**31), 2**31 - 1
_TRUTH = (0.0, 1.0)
_SAME = frozenset(
    {
        *("broadcast_in_dim", "dynamic_broadcast_in_dim", "reshape", "dynamic_reshape", "transpose", "reverse"),
        *("slice", "real_dynamic_slice", "gather", "dynamic_gather", "dynamic_slice"),
    }
)
_ARITHMETIC = frozenset(["add", "subtract", "multiply", "negate", "power", "abs", "dot_general"])
_EXACT = _SAME | frozenset(
    {
        *("abs", "ceil", "clamp", "compare", "concatenate", "constant", "convert", "dynamic_iota", "dynamic_pad"),
        *("floor", "iota", "maximum", "minimum", "negate", "pad", "round_nearest_afz", "round_nearest_even", "select"),
        *("sign", "sort"),
    }
)
"""What gives one of its operands, or an integer: it does not round."""
ROUNDING = 2.0**-20
"""By how much of its size a number may be off: eight steps of float32; of a sum, for each of its terms."""
INTEGERS = 2**24  # up to here float32 holds every integer
_CHOOSING = frozenset(["compare", "and", "or", "not", "select"])


def bounded(operation: Operation, results: Sequence[Value], body: Sequence[str] = ()) -> tuple[Value, ...]:
    """The results with their bounds.

    Args:
        body: names of the operations in its region, where it has one.

    Raises:
        ProgramRefused: numpy and XLA may give different numbers.
    """
    _refuse_division(operation)
    _refuse_index(operation)
    found = []
    for value, bounds in zip(results, _of_results(operation, results, body), strict=True):
        bounds = ANYTHING if any(map(math.isnan, bounds)) else _rounded(operation, value, bounds, body)
        if value.dtype == "i32" and value.entries is None:
            bounds = _integers(operation, bounds, body)
        found.append(replace(value, bounds=bounds))
    return tuple(found)


def _rounded(operation: Operation, value: Value, bounds: Bounds, body: Sequence[str]) -> Bounds:
    """Bounds that float32 keeps, which rounds every sum and product, and XLA, which may do it in another order."""
    chooses = bool(body) and set(body) <= _CHOOSING | {"maximum", "minimum"}
    exact = operation.name in _EXACT and (operation.name != "convert" or max(map(abs, bounds)) <= INTEGERS)
    if value.dtype != "f32" or exact or chooses or not all(map(math.isfinite, bounds)):
        return bounds
    terms = _terms(operation) if operation.name in ("reduce", "reduce_window", "dot_general") else 1.0
    given = [abs(bound) for operand in operation.operands for bound in bounds_of(operand) if math.isfinite(bound)]
    slack = terms * ROUNDING * max(map(abs, [*bounds, *given]))
    return bounds[0] - slack, bounds[1] + slack


def _integers(operation: Operation, bounds: Bounds, body: Sequence[str]) -> Bounds:
    """The bounds of integers, which have to be those of int32 where they are made or computed."""
    if bounds[0] >= LOWEST and bounds[1] <= HIGHEST:
        return math.trunc(bounds[0]), math.trunc(bounds[1])
    if operation.name == "convert" and operation.operands[0].dtype == "f32":
        message = "a float is cast to an integer, and nothing keeps it within 32 bits"
        raise ProgramRefused("program.differs", message, f"Bound it first: jnp.clip(x, 0, 5).astype(jnp.int32). {_WHY}")
    if operation.name in _ARITHMETIC or not _ARITHMETIC.isdisjoint(body):
        message = "integers may grow beyond 32 bits"
        raise ProgramRefused("program.differs", message, f"Compute with floats, or bound them: jnp.clip. {_WHY}")
    return ANYTHING


_WHY = "numpy, which the export runs in, gives another number there."


def _refuse_division(operation: Operation) -> None:
    if operation.name not in ("divide", "remainder") or operation.results[0].dtype != "i32":
        return
    low, high = bounds_of(operation.operands[1])
    if low <= 0.0 <= high:
        message = "an integer is divided by one that may be 0"
        raise ProgramRefused("program.differs", message, f"Divide floats, or by a constant. {_WHY}")


def _refuse_index(operation: Operation) -> None:
    """An index that may lie outside of what it picks from. One that is constant raises in the numpy twin if it does."""
    if operation.name not in ("gather", "dynamic_gather", "dynamic_slice"):
        return
    table = operation.operands[0]
    if all(index.numbers is not None for index in _index_values(operation)):
        return
    for dimension, index in _indices(operation):
        size, taken = table.shape[dimension], _taken(operation)[dimension]
        most = size - taken if size is not None and isinstance(taken, int) else None
        if most is None or index[0] < 0 or index[1] > most:
            last = "its length" if size is None else f"{size - 1}"
            message = f"an index may lie outside of the axis that it picks from (0 to {last})"
            cure = f"Bound it: jnp.clip(index, 0, {last}); argmax, argmin and argsort are fine. {_WHY}"
            raise ProgramRefused("program.differs", message, cure)


def _index_values(operation: Operation) -> Sequence[Value]:
    return operation.operands[1:] if operation.name == "dynamic_slice" else operation.operands[1:2]


def _indices(operation: Operation) -> list[tuple[int, Bounds]]:
    """The axes that are indexed, each with the bounds of its index."""
    from jax.extend.mlir.dialects import stablehlo

    if operation.name == "dynamic_slice":
        return [(axis, bounds_of(start)) for axis, start in enumerate(operation.operands[1:])]
    index = operation.operands[1]
    numbers = stablehlo.GatherDimensionNumbers(operation.attributes["dimension_numbers"])
    return [(axis, bounds_of(index)) for axis in numbers.start_index_map]


def _taken(operation: Operation) -> Sequence[Entry]:
    """How many entries of each axis are picked at once."""
    if operation.name == "dynamic_gather":
        return operation.operands[2].entries or [None] * len(operation.operands[0].shape)  # type: ignore[list-item]
    return operation.integers("slice_sizes")


def bounds_of(value: Value) -> Bounds:
    """Between which numbers an array lies."""
    if value.numbers:
        return min(value.numbers), max(value.numbers)
    return _TRUTH if value.bounds == ANYTHING and value.dtype == "i1" else value.bounds


def _of_results(operation: Operation, results: Sequence[Value], body: Sequence[str]) -> list[Bounds]:
    name, given = operation.name, [bounds_of(value) for value in operation.operands]
    if name == "sort":
        return given
    if name in ("reduce", "reduce_window"):
        return _reduced(operation, given, body)
    if len(results) != 1:
        return [ANYTHING] * len(results)
    if name == "constant":
        return [_of_constant(operation.attributes["value"])]
    if name in ("iota", "dynamic_iota"):
        size = operation.results[0].shape[operation.integer("iota_dimension")]
        return [ANYTHING if size is None else (0, max(0, size - 1))]
    if name == "compare":
        certain = operation.operands[0].dtype != "f32"
        return [_compared(str(operation.attributes["comparison_direction"]), given[0], given[1], certain)]
    if name == "convert":
        return [_cast(given[0], operation.operands[0].dtype, operation.results[0].dtype)]
    if name in ("concatenate", "pad", "dynamic_pad"):
        return [_union(given if name == "concatenate" else given[:2])]
    if name == "dot_general":
        terms = _contracted(operation)
        low, high = _product(*given)
        return [(min(terms * low, 0.0), max(terms * high, 0.0))]
    rule = _RULES.get(name)
    return given[:1] if name in _SAME else [ANYTHING if rule is None else rule(*given)]


def _of_constant(attribute: Any) -> Bounds:
    if attribute.is_splat:
        number = float(attribute.get_splat_value().value)
        return number, number
    numbers = np.asarray(attribute)
    return (float(numbers.min()), float(numbers.max())) if numbers.size else ANYTHING


def _cast(given: Bounds, source: str, target: str) -> Bounds:
    """NaN becomes the integer 0."""
    if target == "i1":
        return _TRUTH
    return _union([given, (0.0, 0.0)]) if (source, target) == ("f32", "i32") else given


def _compared(direction: str, first: Bounds, second: Bounds, certain: bool) -> Bounds:
    """What a comparison always says, where bounds decide it; unless `certain`, NaN may say no."""
    (low, high), (least, most) = first, second
    always = {"LT": high < least, "GE": low >= most, "GT": low > most, "LE": high <= least}
    never = {"LT": low >= most, "GE": high < least, "GT": high <= least, "LE": low > most}
    word = next((word for word in always if word in direction), "")
    if not word or always[word] == never[word] or (always[word] and not certain):
        return _TRUTH
    return (1.0, 1.0) if always[word] else (0.0, 0.0)


def _chosen(choice: Bounds, yes: Bounds, no: Bounds) -> Bounds:
    if choice == (1.0, 1.0):
        return yes
    return no if choice == (0.0, 0.0) else _union([yes, no])


def _union(given: Sequence[Bounds]) -> Bounds:
    return min(low for low, _ in given), max(high for _, high in given)


def _reduced(operation: Operation, given: Sequence[Bounds], body: Sequence[str]) -> list[Bounds]:
    count = len(operation.results)
    if set(body) <= _CHOOSING:  # argmax and its kin: each result is an entry of an array of its type
        kinds = [value.dtype for value in operation.operands]
        return [
            _union([bounds for bounds, kind in zip(given, kinds, strict=True) if kind == declared.dtype])
            for declared in operation.results
        ]
    if count != 1 or len(body) != 1:
        return [ANYTHING] * count
    (low, high), (least, most) = given
    if body[0] in ("maximum", "minimum"):
        choose = max if body[0] == "maximum" else min
        return [(choose(low, least), choose(high, most))]
    if body[0] == "add":
        terms = _terms(operation)
        return [(least + terms * min(low, 0.0), most + terms * max(high, 0.0))]
    return [ANYTHING]


def _terms(operation: Operation) -> float:
    """How many entries are added at most."""
    shape = operation.operands[0].shape
    if operation.name == "dot_general":
        return _contracted(operation)
    if operation.name == "reduce_window":
        return math.prod(operation.integers("window_dimensions"))
    sizes = [shape[axis] for axis in operation.integers("dimensions")]
    return math.prod(math.inf if size is None else size for size in sizes)


def _contracted(operation: Operation) -> float:
    """How many products each entry of a product of arrays adds."""
    sizes = [operation.operands[0].shape[axis] for axis in dot_numbers(operation).lhs_contracting_dimensions]
    return math.prod(math.inf if size is None else size for size in sizes)


def _growing(function: Callable[..., float]) -> Callable[..., Bounds]:
    """The rule of a function that grows with each of its arguments."""

    def rule(*given: Bounds) -> Bounds:
        return function(*(low for low, _ in given)), function(*(high for _, high in given))

    return rule


def _rounding(function: Callable[[float], float]) -> Callable[..., Bounds]:
    return _growing(lambda value: function(value) if math.isfinite(value) else value)


def _product(first: Bounds, second: Bounds) -> Bounds:
    corners = [one * other for one in first for other in second]
    return (math.nan, math.nan) if any(map(math.isnan, corners)) else (min(corners), max(corners))


def _quotient(first: Bounds, second: Bounds) -> Bounds:
    """Integers are rounded towards 0, and stay between the quotients of the corners."""
    if second[0] <= 0.0 <= second[1]:
        return ANYTHING
    corners = [one / other for one in first for other in second]
    return (math.nan, math.nan) if any(map(math.isnan, corners)) else (min(*corners, 0.0), max(*corners, 0.0))


def _magnitude(given: Bounds) -> Bounds:
    low = 0.0 if given[0] <= 0.0 <= given[1] else min(map(abs, given))
    return low, max(map(abs, given))


def _rest(first: Bounds, second: Bounds) -> Bounds:
    """Of a division, with the sign of what is divided."""
    most = max(map(abs, second))
    return (0.0 if first[0] >= 0.0 else -most), (0.0 if first[1] <= 0.0 else most)


def _within_one(*_: Bounds) -> Bounds:
    return -1.0, 1.0


_RULES: dict[str, Callable[..., Bounds]] = {
    **dict.fromkeys(("sine", "cosine", "tanh", "sign"), _within_one),
    "abs": _magnitude,
    "add": _growing(lambda one, other: one + other),
    "ceil": _rounding(math.ceil),
    "clamp": _growing(lambda low, value, high: min(max(value, low), high)),
    "divide": _quotient,
    "floor": _rounding(math.floor),
    "logistic": lambda _: _TRUTH,
    "maximum": _growing(max),
    "minimum": _growing(min),
    "multiply": _product,
    "negate": lambda given: (-given[1], -given[0]),
    "remainder": _rest,
    "round_nearest_afz": _rounding(lambda value: math.copysign(math.floor(abs(value) + 0.5), value)),
    "round_nearest_even": _rounding(round),
    "select": _chosen,
    "subtract": lambda one, other: (one[0] - other[1], one[1] - other[0]),
}
