"""What each operation of a compiled program does with the batch axis: one rule an operation, and no rule, no operation.

A rule gets what is known of the operands and says where the batch axis of each result is. It refuses where a row of
the result would depend on another row, or where the number of rows would be more than the size of the batch axis.
Operations are those of StableHLO: https://openxla.org/stablehlo/spec.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from autoreward.reward.sandbox.proof.index_rules import (
    dynamic_pad,
    dynamic_slice,
    gather,
    pad,
    plain_slice,
    real_dynamic_slice,
)
from autoreward.reward.sandbox.proof.operation import Operation, common_axis, one_result
from autoreward.reward.sandbox.proof.reduction_rules import dot
from autoreward.reward.sandbox.proof.shape_rules import (
    broadcast,
    concatenate,
    constant,
    dynamic_broadcast,
    dynamic_iota,
    dynamic_reshape,
    iota,
    reshape,
    reverse,
    size_of,
    transpose,
)
from autoreward.reward.sandbox.proof.values import COMPARED, ProgramRefused, Value, refuse_form

Rule = Callable[[Operation], tuple[Value, ...]]


def apply_rule(operation: Operation) -> tuple[Value, ...]:
    """What is known of the results of an operation without regions.

    Raises:
        ProgramRefused: it mixes rows, uses their number, or has no rule.
    """
    rule = RULES.get(operation.name)
    if rule is None:
        message = f"the compiled program contains {operation.name:.60}"
        raise ProgramRefused("program.operation", message, "Use the functions of the guide.")
    return rule(operation)


def _elementwise(operation: Operation) -> tuple[Value, ...]:
    return one_result(operation, common_axis(operation, operation.operands))


def _bits(operation: Operation) -> tuple[Value, ...]:
    if len(operation.operands[0].shape) != len(operation.results[0].shape):
        refuse_form("changes the rank with a bitcast")
    return _elementwise(operation)


_ORDERS: dict[str, Callable[[int, int], bool]] = {
    "LT": operator.lt,
    "LE": operator.le,
    "GT": operator.gt,
    "GE": operator.ge,
    "EQ": operator.eq,
    "NE": operator.ne,
}


def _compare(operation: Operation) -> tuple[Value, ...]:
    if any(value.has_size for value in operation.operands):
        return one_result(operation, None, [COMPARED] * operation.results[0].elements)
    first, second = (value.numbers for value in operation.operands)
    if first is None or second is None or operation.operands[0].dtype != "i32":
        return _elementwise(operation)
    order = next(order for word, order in _ORDERS.items() if word in str(operation.attributes["comparison_direction"]))
    return one_result(operation, None, [int(order(one, other)) for one, other in zip(first, second, strict=True)])


def _convert(operation: Operation) -> tuple[Value, ...]:
    (value,) = operation.operands
    if value.entries is None or value.axis is not None or "i32" not in (value.dtype, operation.results[0].dtype):
        return _elementwise(operation)
    if value.has_size and operation.results[0].dtype != value.dtype:
        operation.counts()
    kept = value.entries if operation.results[0].dtype == "i32" else None
    return one_result(operation, None, kept)


def _sum(operation: Operation) -> tuple[Value, ...]:
    sign = 1 if operation.name == "add" else -1
    axis = common_axis(operation, operation.operands)
    first, second = (value.numbers for value in operation.operands)
    entries = None
    if first is not None and second is not None and axis is None and operation.results[0].dtype == "i32":
        entries = [one + sign * other for one, other in zip(first, second, strict=True)]
        entries = entries if all(abs(entry) < 2**31 for entry in entries) else None
    return one_result(operation, axis, entries)


def _select(operation: Operation) -> tuple[Value, ...]:
    choice, yes, no = operation.operands
    if choice.numbers is not None and yes.entries is not None and no.entries is not None and choice.shape == yes.shape:
        choices = zip(choice.numbers, yes.entries, no.entries, strict=True)
        return one_result(operation, None, [one if chosen else other for chosen, one, other in choices])
    scalar = not choice.shape and not choice.has_size
    return one_result(operation, common_axis(operation, [yes, no] if scalar else [choice, yes, no]))


def _clamp(operation: Operation) -> tuple[Value, ...]:
    low, value, high = operation.operands
    return one_result(
        operation, common_axis(operation, [value, *(one for one in (low, high) if one.shape or one.has_size)])
    )


def _assertion(operation: Operation) -> tuple[Value, ...]:
    """Inputs of different lengths end the call; nothing comes of it."""
    if operation.results or any(value.shape for value in operation.operands):
        refuse_form("has an assertion of another form than tracing gives")
    return ()


_ELEMENTWISE = (
    "abs and atan2 cbrt ceil cosine divide exponential exponential_minus_one floor is_finite log log_plus_one "
    "logistic maximum minimum multiply negate not or power remainder round_nearest_afz round_nearest_even rsqrt "
    "shift_left shift_right_arithmetic shift_right_logical sign sine sqrt tan tanh xor "
    "acos acosh asin asinh atan atanh cosh erf sinh square"
)


RULES: dict[str, Rule] = {
    **dict.fromkeys(_ELEMENTWISE.split(), _elementwise),
    "add": _sum,
    "bitcast_convert": _bits,
    "broadcast_in_dim": broadcast,
    "clamp": _clamp,
    "compare": _compare,
    "concatenate": concatenate,
    "constant": constant,
    "convert": _convert,
    "custom_call": _assertion,
    "dot_general": dot,
    "dynamic_broadcast_in_dim": dynamic_broadcast,
    "dynamic_gather": gather,
    "dynamic_iota": dynamic_iota,
    "dynamic_pad": dynamic_pad,
    "dynamic_reshape": dynamic_reshape,
    "dynamic_slice": dynamic_slice,
    "gather": gather,
    "get_dimension_size": size_of,
    "iota": iota,
    "pad": pad,
    "real_dynamic_slice": real_dynamic_slice,
    "reshape": reshape,
    "reverse": reverse,
    "select": _select,
    "slice": plain_slice,
    "subtract": _sum,
    "transpose": transpose,
}
