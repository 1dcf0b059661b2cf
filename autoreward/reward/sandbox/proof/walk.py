"""Walks a compiled program from its inputs to its outputs: the batch axis by `rules`, the cost by `cost`.

Functions are followed with what is known of their arguments, so a size stays a size through a call. Nothing runs here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from autoreward.reward.sandbox.namespaces import FILENAME
from autoreward.reward.sandbox.proof.bounds import bounded
from autoreward.reward.sandbox.proof.cost import OPERATION_LIMIT, Cost, check_cost, cost_of
from autoreward.reward.sandbox.proof.operation import TRANSITIONS, Batch, Operation
from autoreward.reward.sandbox.proof.reduction_rules import reduced, sorted_values, windowed
from autoreward.reward.sandbox.proof.rules import apply_rule
from autoreward.reward.sandbox.proof.values import ProgramRefused, Value, checked_result, refuse_form, value_of_type

CUSTOM_CALLS = frozenset({"shape_assertion"})  # every program with a symbolic shape has it
DEPTH_LIMIT = 60  # functions and regions inside each other
DIALECTS = ("stablehlo", "chlo")

Found = tuple[tuple[Value, ...], Cost]
Known = dict[Any, Value]

_LINE = re.compile(rf'"{FILENAME}":(\d{{1,5}})\b')  # of the source, where the program was traced with it
_REGION_RULES = {"reduce": reduced, "reduce_window": windowed, "sort": sorted_values}


def check_program(
    module: Any, inputs: Sequence[int | None], outputs: Sequence[int], batch: Batch, rows_times: int
) -> None:
    """Prove that a program treats the rows of a batch alike and apart, and that it is cheap.

    Args:
        module: MLIR, read within its context.
        inputs: the batch axis of each input of `main` behind the platform's number, in order; None: it has none.
        outputs: the batch axis of each output.
        batch: the words for findings.
        rows_times: entries of the batch axis that count as one row (steps of an episode).

    Raises:
        ProgramRefused: with the finding.
    """
    walk = _Walk(module, batch, rows_times)
    results, cost = walk.main(inputs)
    if [value.axis for value in results] != list(outputs) or any(value.dtype != "f32" for value in results):
        refuse_form("has other outputs than agreed")
    check_cost(cost, rows_times)


class _Walk:
    def __init__(self, module: Any, batch: Batch, rows_times: int) -> None:
        self._functions = {_symbol(function, "sym_name"): function for function in module.body.operations}
        self._batch = batch
        self._rows_times = rows_times
        self._found: dict[tuple[str, tuple[Value, ...]], Found | None] = {}
        self._visited = 0
        self._in_region = 0  # regions of reductions and sorts around what is looked at

    def main(self, axes: Sequence[int | None]) -> Found:
        """Results of the whole program, and its cost."""
        main = self._functions.get("main")
        if main is None:
            refuse_form("has no main function")
        declared = [value_of_type(str(argument.type)) for argument in main.regions[0].blocks[0].arguments]
        platform, given = declared[: len(declared) - len(axes)], declared[len(declared) - len(axes) :]
        if len(platform) > 1 or len(given) != len(axes) or any(value.shape for value in platform):
            refuse_form("has other inputs than agreed")
        arguments = [checked_result(value, axis) for value, axis in zip(given, axes, strict=True)]
        return self._call("main", (*platform, *arguments), 0)

    def _call(self, name: str, arguments: tuple[Value, ...], depth: int) -> Found:
        key = (name, arguments)
        if key not in self._found:
            function = self._functions.get(name)
            if function is None or depth > DEPTH_LIMIT:
                refuse_form(f"calls an unknown function {name!r:.60}" if function is None else "nests too deeply")
            self._found[key] = None
            self._found[key] = self._block(function.regions[0], arguments, {}, depth + 1)
        known = self._found[key]
        if known is None:
            refuse_form("has a function that calls itself")
        return known

    def _block(self, region: Any, arguments: Sequence[Value], outer: Mapping[Any, Value], depth: int) -> Found:
        """Results and cost of the one block of a function or region."""
        if len(region.blocks) != 1 or depth > DEPTH_LIMIT:
            refuse_form("has jumps" if len(region.blocks) != 1 else "nests too deeply")
        block = region.blocks[0]
        known: Known = dict(outer)
        for argument, value in zip(block.arguments, arguments, strict=True):
            declared = value_of_type(str(argument.type))
            if (declared.shape, declared.dtype) != (value.shape, value.dtype):
                refuse_form("gives a function other arguments than it takes")
            known[argument] = value
        total = Cost()
        for operation in block.operations:
            self._visit()
            if operation.operation.name in ("func.return", "stablehlo.return"):
                return tuple(known[operand] for operand in operation.operands), total
            results, cost = self._located(operation, known, depth)
            total += cost
            known.update(zip(operation.results, results, strict=True))
        return refuse_form("has a function without an end")

    def _located(self, node: Any, known: Known, depth: int) -> Found:
        try:
            return self._operation(node, known, depth)
        except ProgramRefused as refused:
            if line := _LINE.search(str(node.location)):
                refused.at(int(line.group(1)))
            raise

    def _visit(self) -> None:
        self._visited += 1
        if self._visited > 2 * OPERATION_LIMIT:
            message = f"the compiled program has more than {OPERATION_LIMIT} operations"
            raise ProgramRefused("program.size", message, "Use array expressions in place of long unrolled loops.")

    def _operation(self, node: Any, known: Known, depth: int) -> Found:
        dialect, _, name = node.operation.name.partition(".")
        operands = tuple(known[operand] for operand in node.operands)
        if node.operation.name == "func.call":
            return self._call(_symbol(node, "callee"), operands, depth)
        if dialect not in DIALECTS:
            refuse_operation(node.operation.name)
        if name == "composite":
            return self._call(_symbol(node, "decomposition"), operands, depth)
        if name == "custom_call":
            _check_target(_symbol(node, "call_target_name"))
        declared = tuple(value_of_type(str(result.type)) for result in node.results)
        operation = Operation(name, operands, declared, node.attributes, self._batch)
        if name == "case":
            return self._case(operation, node, known, depth)
        if name in _REGION_RULES:
            body = self._body(node, known, depth)
            results = _REGION_RULES[name](operation)
            results = self._bounded(operation, results, _names_in(node.regions[0]))
            return results, cost_of(operation, results, self._rows_times, body)
        if len(node.regions):
            refuse_operation(node.operation.name)
        results = self._bounded(operation, apply_rule(operation))
        return results, cost_of(operation, results, self._rows_times)

    def _bounded(self, operation: Operation, results: tuple[Value, ...], body: Sequence[str] = ()) -> tuple[Value, ...]:
        """With bounds, where numpy runs the same: metrics are not exported. In a region the whole of it counts."""
        if self._batch is not TRANSITIONS or self._in_region:
            return results
        return bounded(operation, results, body)

    def _body(self, node: Any, known: Known, depth: int) -> Cost:
        """Cost of the region of a reduction or sort for one element; what it takes are single numbers."""
        region = node.regions[0]
        arguments = [value_of_type(str(argument.type)) for argument in region.blocks[0].arguments]
        if any(argument.shape for argument in arguments):
            refuse_form("has a reduction of arrays")
        self._in_region += 1
        results, cost = self._block(region, arguments, known, depth + 1)
        self._in_region -= 1
        if any(value.has_size or value.axis is not None for value in results):
            refuse_form("has a reduction that reads sizes")
        return cost

    def _case(self, operation: Operation, node: Any, known: Known, depth: int) -> Found:
        """One of several regions; all of them have to agree about the batch axis."""
        if operation.operands[0].has_size:
            operation.counts()
        branches = [self._block(region, (), known, depth + 1) for region in node.regions]
        cost = Cost(operations=1)
        for _, part in branches:
            cost = cost.larger(part)
        results = []
        for place, declared in enumerate(operation.results):
            values = {values[place] for values, _ in branches}
            if len({value.axis for value in values}) != 1 or (
                len(values) > 1 and any(value.has_size for value in values)
            ):
                operation.mixes()
            first = next(iter(values))
            kept = checked_result(declared, first.axis, first.entries if len(values) == 1 else None)
            low, high = min(value.bounds[0] for value in values), max(value.bounds[1] for value in values)
            results.append(replace(kept, bounds=(low, high)))
        return tuple(results), cost


def _names_in(region: Any) -> list[str]:
    """What the region of a reduction does, in order."""
    names = [operation.operation.name.partition(".")[2] for operation in region.blocks[0].operations]
    return [name for name in names if name != "return"]


def refuse_operation(name: str) -> None:
    """The program holds what the language does not become."""
    message = f"the compiled program contains {name:.60}"
    raise ProgramRefused("program.operation", message, "Use the functions of the guide.")


def _check_target(target: str) -> None:
    if target not in CUSTOM_CALLS:
        message = f"the compiled program calls {target!r:.60}, which is not array arithmetic"
        remedy = "Avoid matrix factorisations (norm with ord=2 of a matrix): write the formula out."
        raise ProgramRefused("program.custom_call", message, remedy)


def _symbol(node: Any, attribute: str) -> str:
    return str(node.attributes[attribute].value) if attribute in node.attributes else ""
