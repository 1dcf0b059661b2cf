"""Numbers of Python that outgrow every array: powers of constants, and integers multiplied by themselves in a loop.

They are computed while a program is traced, digit by digit, and nothing but the deadline would end it.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping

from autoreward.records import Finding
from autoreward.reward.language.node_rules import error

BITS_LIMIT = 1024  # of an integer: more is infinite as a float
EXPONENT_LIMIT = 1024  # of a power whose base is not known

_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class _Huge(Exception):
    """A power that nobody should compute."""


def number_findings(tree: ast.Module) -> list[Finding]:
    """Where an integer of Python outgrows what a float can hold."""
    known = _constants(tree)
    integers = _integers(tree)
    findings: list[Finding] = []
    for node in ast.walk(tree):
        base, exponent = _power(node)
        if base is not None and exponent is not None:
            findings += _power_findings(node, base, exponent, known)
        elif isinstance(node, ast.Call) and _is_name(node.func, "pow"):
            findings.append(_finding(node, "pow takes two values here", "Write base ** exponent."))
        elif isinstance(node, ast.For):
            findings += _loop_findings(node, integers)
    return findings


def _power(node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    """Base and exponent, where a node is a power."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return node.left, node.right
    if isinstance(node, ast.Call) and _is_name(node.func, "pow") and len(node.args) == 2 and not node.keywords:
        return node.args[0], node.args[1]
    return None, None


def _power_findings(node: ast.AST, base: ast.expr, exponent: ast.expr, known: Mapping[str, int]) -> Iterator[Finding]:
    remedy = "Write the number itself as a float, e.g. 1e12; for arrays use jnp.exp or a small exponent."
    try:
        first, second = _value(base, known), _value(exponent, known)
        if first is not None and second is not None:
            _raised(first, second)
        elif second is not None and abs(second) > EXPONENT_LIMIT:
            yield _finding(node, f"a power with the exponent {str(second)[:12]}", remedy)
    except _Huge:
        yield _finding(node, f"an integer of more than {BITS_LIMIT} bits", remedy)


def _raised(base: int, exponent: int) -> int | None:
    if exponent < 0:
        return None
    if base.bit_length() * exponent > BITS_LIMIT and abs(base) > 1:
        raise _Huge
    return int(base**exponent)


def _value(node: ast.expr, known: Mapping[str, int]) -> int | None:
    """The integer that an expression of constants is; None: it is none, or not known.

    Raises:
        _Huge: it is too large to be computed.
    """
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value(node.operand, known)
        return inner if inner is None or isinstance(node.op, ast.UAdd) else -inner
    base, exponent = _power(node)
    if base is not None and exponent is not None:
        pair = _value(base, known), _value(exponent, known)
        return None if pair[0] is None or pair[1] is None else _raised(pair[0], pair[1])
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left, known), _value(node.right, known)
        if left is None or right is None or (right == 0 and isinstance(node.op, ast.FloorDiv | ast.Mod)):
            return None
        value = _OPERATORS[type(node.op)](left, right)
        if value.bit_length() > BITS_LIMIT:
            raise _Huge
        return value
    return None


def _constants(tree: ast.Module) -> dict[str, int]:
    """Names that are given one integer, once in the whole program."""
    stores = _stores(tree)
    known: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            try:
                value = _value(node.value, known) if stores.count(name) == 1 else None
            except _Huge:
                value = None  # told where it is computed
            if value is not None:
                known[name] = value
    return known


def _stores(tree: ast.Module) -> list[str]:
    named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    return named + [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]


def _integers(tree: ast.Module) -> set[str]:
    """Names that start as an integer of Python: an array or a float that grows becomes infinite and ends there."""
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and type(node.value.value) is int
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _loop_findings(loop: ast.For, integers: set[str]) -> Iterator[Finding]:
    for node in ast.walk(loop):
        if isinstance(node, ast.AugAssign):
            target: ast.expr = node.target
            grows = isinstance(node.op, ast.Pow) or (isinstance(node.op, ast.Mult) and _mentions(node.value, target))
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            grows = any(_multiplies(part, target) for part in ast.walk(node.value))
        else:
            continue
        if grows and isinstance(target, ast.Name) and target.id in integers:
            remedy = "Start it as a float (1.0), or write the formula without the loop."
            yield _finding(node, f"the integer {target.id} is multiplied by itself in a loop", remedy)


def _multiplies(node: ast.AST, target: ast.expr) -> bool:
    base, exponent = _power(node)
    if base is not None and exponent is not None:
        return _mentions(base, target)
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
    return product and _mentions(node.left, target) and _mentions(node.right, target)  # type: ignore[attr-defined]


def _mentions(node: ast.AST, target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and any(_is_name(part, target.id) for part in ast.walk(node))


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _finding(node: ast.AST, message: str, remedy: str) -> Finding:
    return error("static.number", node, message, remedy)
