"""What the parent looks at before a serialised program may run: its form, its operations, its size and its cost."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autoreward.records import Finding

if TYPE_CHECKING:
    from jax.export import Exported

PROGRAM_LIMIT = 1 << 20  # [bytes]
OPERATION_LIMIT = 20_000
ROW_COST_LIMIT = 20_000  # elements computed a row, over all operations
ROW_TENSOR_LIMIT = 2_048  # elements a row in one array: 49 000 rows of it are 400 MB
FIXED_TENSOR_LIMIT = 1_000_000  # elements of an array without batch axis
FIXED_COST_LIMIT = 10_000_000

CUSTOM_CALLS = frozenset({"shape_assertion"})  # every program with a symbolic shape has it
OPERATIONS = frozenset(
    f"{dialect}.{name}"
    for dialect, names in {
        "stablehlo": "abs add and atan2 bitcast_convert broadcast_in_dim case cbrt ceil clamp compare composite "
        "concatenate constant convert cosine custom_call divide dot_general dynamic_broadcast_in_dim dynamic_gather "
        "dynamic_iota dynamic_pad dynamic_reshape dynamic_slice exponential exponential_minus_one floor gather "
        "get_dimension_size iota is_finite log log_plus_one logistic maximum minimum multiply negate not or pad power "
        "real_dynamic_slice reduce reduce_window remainder reshape return reverse round_nearest_afz "
        "round_nearest_even rsqrt select shift_left shift_right_arithmetic shift_right_logical sign sine slice sort "
        "sqrt subtract tan tanh transpose xor",
        "chlo": "acos acosh asin asinh atan atanh cosh erf sinh square tan",
    }.items()
    for name in names.split()
)
"""Operations that programs of the language become. No `while`: its cost could not be told."""

_OPERATION = re.compile(r'^\s*(?:%[^=]+ = )?"?((?:stablehlo|chlo|vhlo|[a-z_]+)\.[\w.]+)"?[ (<]')
_CALL = re.compile(r"^\s*(?:%[^=]+ = )?(?:func\.)?call @\"?([\w.$-]+)")
_FUNCTION = re.compile(r"^\s*func\.func (?:public |private )?@\"?([\w.$-]+)")
_CUSTOM = re.compile(r'custom_call @"?([^\s("]+)|call_target_name = "([^"]*)"')
_TENSOR = re.compile(r"tensor<((?:[0-9?]+x)*)[a-z][a-z0-9]*>")
_DECOMPOSITION = re.compile(r'decomposition = @"?([\w.$-]+)')  # a composite is computed as this function
_WINDOW = re.compile(r"window_dimensions = array<i64: ([0-9, ]+)>")


@dataclass
class _Cost:
    """Cost of one function of a module, without the functions it calls."""

    row: float = 0.0  # elements a row of the batch
    fixed: float = 0.0  # elements of arrays without batch axis
    operations: int = 0
    calls: list[str] = field(default_factory=list)


class _Refused(Exception):
    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.finding = Finding(rule=rule, severity="error", message=message, remedy=remedy)


def inspect_program(
    program: bytes, inputs: Mapping[str, tuple[int | None, ...]], outputs: Mapping[str, int], rows_times: int = 1
) -> tuple[Finding, ...]:
    """Check a serialised program that came from a child. Empty: it may be run.

    Args:
        program: a jax.export serialisation.
        inputs: expected shapes by name; None is the batch axis.
        outputs: expected rank by name.
        rows_times: array entries that count as one row (the horizon of a metric).
    """
    try:
        _check_size(len(program))
        exported = _deserialize(program)
        _check_signature(exported, inputs, outputs)
        _check_module(exported.mlir_module(), rows_times)
    except _Refused as refused:
        return (refused.finding,)
    return ()


def _check_size(size: int) -> None:
    if size > PROGRAM_LIMIT:
        message = f"the compiled program has {size} bytes, at most {PROGRAM_LIMIT} are allowed"
        raise _Refused("program.size", message, "Use array expressions in place of long unrolled loops.")


def _deserialize(program: bytes) -> Exported:
    from jax import export

    try:
        return export.deserialize(bytearray(program))
    except Exception as error:  # hostile bytes may raise anything; whatever it is, the program is refused
        raise _Refused("program.form", f"the compiled program cannot be read: {type(error).__name__}", "") from error


def _check_signature(
    exported: Exported, inputs: Mapping[str, tuple[int | None, ...]], outputs: Mapping[str, int]
) -> None:
    import jax

    try:
        (given,), _ = jax.tree_util.tree_unflatten(exported.in_tree, exported.in_avals)
        made = jax.tree_util.tree_unflatten(exported.out_tree, exported.out_avals)
        shapes = {name: tuple(s if isinstance(s, int) else None for s in aval.shape) for name, aval in given.items()}
        ranks = {name: len(aval.shape) for name, aval in made.items()}
        kinds = {str(aval.dtype) for aval in (*exported.in_avals, *exported.out_avals)}
    except (TypeError, ValueError, AttributeError) as error:
        raise _Refused("program.form", "the compiled program has other inputs or outputs than agreed", "") from error
    effects = exported.ordered_effects or exported.unordered_effects
    if shapes != dict(inputs) or ranks != dict(outputs) or kinds != {"float32"} or effects:
        raise _Refused("program.form", "the compiled program has other inputs or outputs than agreed", "")


def _check_module(text: str, rows_times: int) -> None:
    functions: dict[str, _Cost] = {}
    current = functions.setdefault("", _Cost())
    for line in text.splitlines():
        if match := _FUNCTION.match(line):
            current = functions.setdefault(match.group(1), _Cost())
        elif match := _CALL.match(line):
            current.calls.append(match.group(1))
        elif (match := _OPERATION.match(line)) and not line.startswith("module"):
            _add_operation(match.group(1), line, current, rows_times)
    total = _total(functions, "main", {})
    if total.operations > OPERATION_LIMIT:
        message = f"the compiled program has {total.operations} operations, at most {OPERATION_LIMIT} are allowed"
        raise _Refused("program.size", message, "Use array expressions in place of long unrolled loops.")
    if total.row > ROW_COST_LIMIT * rows_times or total.fixed > FIXED_COST_LIMIT:
        message = f"the program computes about {total.row:.0f} values a row and {total.fixed:.0f} fixed ones"
        raise _Refused("program.cost", message, "Use fewer and smaller intermediate arrays.")


def _add_operation(name: str, line: str, cost: _Cost, rows_times: int) -> None:
    if name not in OPERATIONS:
        raise _Refused("program.operation", f"the compiled program contains {name}", "Use the functions of the guide.")
    for target in _CUSTOM.findall(line):
        if (target[0] or target[1]) not in CUSTOM_CALLS:
            message = f"the compiled program calls {(target[0] or target[1])!r:.60}, which is not array arithmetic"
            remedy = "Avoid matrix factorisations (norm with ord=2 of a matrix): write the formula out."
            raise _Refused("program.custom_call", message, remedy)
    cost.operations += 1
    cost.calls += _DECOMPOSITION.findall(line)
    sizes = [_elements(match, rows_times) for match in _TENSOR.findall(line)]
    if not sizes:
        return
    row, fixed = _work(name, line, sizes)
    cost.row += row
    cost.fixed += fixed


def _elements(dimensions: str, rows_times: int) -> tuple[bool, int]:
    """Whether an array has the batch axis, and how many elements it has (a row)."""
    sizes = dimensions.split("x")[:-1]
    count = math.prod(int(size) for size in sizes if size != "?")
    if sizes.count("?") > 1:
        message = "an array has the batch axis twice: rows of the batch are combined with each other"
        raise _Refused("program.cost", message, "Each row is one transition: use x[..., i] and axis=-1.")
    batched = "?" in sizes
    if count > (ROW_TENSOR_LIMIT * rows_times if batched else FIXED_TENSOR_LIMIT):
        message = f"an array has {count} elements" + (" a row" if batched else "")
        raise _Refused("program.cost", message, "Use smaller intermediate arrays.")
    return batched, count


def _work(name: str, line: str, sizes: list[tuple[bool, int]]) -> tuple[float, float]:
    """Elements computed by one operation, a row and fixed."""
    work = float(max(count for _, count in sizes))
    if name == "stablehlo.dot_general":
        work = max(work, math.sqrt(math.prod(count for _, count in sizes[-3:])))
    elif name == "stablehlo.reduce_window" and (window := _WINDOW.search(line)):
        work *= math.prod(int(size) for size in window.group(1).split(","))
    return (work, 0.0) if any(batched for batched, _ in sizes) else (0.0, work)


def _total(functions: Mapping[str, _Cost], name: str, known: dict[str, _Cost]) -> _Cost:
    """Cost of a function with all it calls, each as often as it is called."""
    if name not in known:
        own = functions.get(name)
        if own is None:
            raise _Refused("program.form", f"the compiled program calls an unknown function {name!r:.60}", "")
        known[name] = _Cost(math.inf, math.inf, OPERATION_LIMIT + 1)  # a cycle has no bound
        parts = [_total(functions, callee, known) for callee in own.calls]
        known[name] = _sum(own, parts)
    return known[name]


def _sum(own: _Cost, parts: list[_Cost]) -> _Cost:
    return _Cost(
        own.row + sum(part.row for part in parts),
        own.fixed + sum(part.fixed for part in parts),
        own.operations + sum(part.operations for part in parts),
    )
