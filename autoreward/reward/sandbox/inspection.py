"""What the parent looks at before a serialised program may run: its form, its operations, its size, its batch axis
and its cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from autoreward.records import Finding
from autoreward.reward.sandbox.proof.operation import EPISODES, TRANSITIONS
from autoreward.reward.sandbox.proof.values import ProgramRefused
from autoreward.reward.sandbox.proof.walk import check_program

if TYPE_CHECKING:
    from jax.export import Exported

PROGRAM_LIMIT = 1 << 20  # [bytes]

Shapes = Mapping[str, tuple[int | None, ...]]


def inspect_program(
    program: bytes, inputs: Shapes, outputs: Mapping[str, int], rows_times: int = 1
) -> tuple[Finding, ...]:
    """Check a serialised program that came from a child. Empty: it may be run.

    Args:
        program: a jax.export serialisation.
        inputs: expected shapes by name; None is the batch axis, the same place in all that have it.
        outputs: expected rank by name; the first axis is the batch axis.
        rows_times: array entries that count as one row (the horizon of a metric).
    """
    try:
        _check_size(len(program))
        exported = _deserialize(program)
        _check_signature(exported, inputs, outputs)
        _check_module(exported, inputs, outputs, rows_times)
    except ProgramRefused as refused:
        return (refused.finding,)
    return ()


def _check_size(size: int) -> None:
    if size > PROGRAM_LIMIT:
        message = f"the compiled program has {size} bytes, at most {PROGRAM_LIMIT} are allowed"
        raise ProgramRefused("program.size", message, "Use array expressions in place of long unrolled loops.")


def _deserialize(program: bytes) -> Exported:
    from jax import export

    try:
        return export.deserialize(bytearray(program))
    except Exception as error:  # hostile bytes may raise anything; whatever it is, the program is refused
        raise ProgramRefused(
            "program.form", f"the compiled program cannot be read: {type(error).__name__}", ""
        ) from error


def _check_signature(exported: Exported, inputs: Shapes, outputs: Mapping[str, int]) -> None:
    import jax

    try:
        (given,), _ = jax.tree_util.tree_unflatten(exported.in_tree, exported.in_avals)
        outcome = jax.tree_util.tree_unflatten(exported.out_tree, exported.out_avals)
        shapes = {name: tuple(s if isinstance(s, int) else None for s in aval.shape) for name, aval in given.items()}
        ranks = {name: len(aval.shape) for name, aval in outcome.items()}
        arrays = (*exported.in_avals, *exported.out_avals)
        dtypes = {str(aval.dtype) for aval in arrays}
        sizes = {str(size) for aval in arrays for size in aval.shape if not isinstance(size, int)}
    except (TypeError, ValueError, AttributeError) as error:
        raise ProgramRefused(
            "program.form", "the compiled program has other inputs or outputs than agreed", ""
        ) from error
    effects = exported.ordered_effects or exported.unordered_effects
    plain = list(exported.module_kept_var_idx) == list(range(len(exported.in_avals))) and sizes <= {"b"}
    if shapes != dict(inputs) or ranks != dict(outputs) or dtypes != {"float32"} or effects or not plain:
        raise ProgramRefused("program.form", "the compiled program has other inputs or outputs than agreed", "")


def _check_module(exported: Exported, inputs: Shapes, outputs: Mapping[str, int], rows_times: int) -> None:
    from jax.interpreters.mlir import make_ir_context

    axes = [shape.index(None) if None in shape else None for _, shape in sorted(inputs.items())]  # as jax orders a dict
    batch = EPISODES if 1 in axes else TRANSITIONS
    with make_ir_context():
        try:
            module = exported.mlir_module(serialized=False)
            module.operation.verify()
            check_program(module, axes, [0] * len(outputs), batch, rows_times)
        except ProgramRefused:
            raise
        except Exception as error:  # as above: a program that the proof trips over is refused
            raise ProgramRefused(
                "program.form", f"the compiled program cannot be read: {type(error).__name__}", ""
            ) from error
