"""Construct rules: which kinds of node, members, attributes, keywords and stores a program may have."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Collection, Iterator
from itertools import pairwise

from autoreward.records import Finding
from autoreward.reward.language import grammar


def node_findings(tree: ast.Module, fields: Collection[str]) -> list[Finding]:
    """Every refused construct of a tree without imports and annotations.

    Args:
        tree: the program.
        fields: names that may be read as attributes of a record.
    """
    allowed = grammar.ARRAY_METHODS | grammar.ARRAY_ATTRIBUTES | grammar.CONTAINER_METHODS | set(fields)
    members = {id(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and namespace_path(node)}
    findings: list[Finding] = []
    for node in ast.walk(tree):
        if type(node) not in grammar.NODES:
            findings.append(_refused_node(node))
        elif isinstance(node, ast.Attribute) and id(node) in members:
            findings += _member_findings(node)
        elif isinstance(node, ast.Attribute):
            findings += _attribute_findings(node, allowed)
        else:
            check = _CHECKS.get(type(node))
            findings += check(node) if check else ()
    return findings + list(_module_level_findings(tree))


def namespace_path(node: ast.expr) -> tuple[str, ...] | None:
    """`("jnp", "linalg", "norm")` for `jnp.linalg.norm`; None where the root is no namespace."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in grammar.NAMESPACES:
        return (node.id, *reversed(names))
    return None


def _refused_node(node: ast.AST) -> Finding:
    name, remedy = grammar.NODE_REMEDIES.get(type(node).__name__, (type(node).__name__, "Write it another way."))
    return error("static.construct", node, f"{name} is not part of the reward language", remedy)


def _member_findings(node: ast.Attribute) -> list[Finding]:
    if not isinstance(node.ctx, ast.Load):
        return [_store_finding(node)]
    path = namespace_path(node) or ()
    text = ".".join(path)
    if path[0] == "math":
        allowed, rest, remedies = grammar.MATH_MEMBERS, path[1:], grammar.MEMBER_REMEDIES
    elif path[1] == "linalg":
        allowed, rest, remedies = grammar.LINALG_MEMBERS, path[2:], grammar.LINALG_REMEDIES
    else:
        allowed, rest, remedies = grammar.JNP_MEMBERS, path[1:], grammar.MEMBER_REMEDIES
    if not rest:
        return []  # `jnp.linalg` as the inner part of `jnp.linalg.norm`; alone it is refused by name_findings
    if rest[0] in allowed and len(rest) == 1:
        return []
    if rest[0] in allowed:
        inner = grammar.ARRAY_METHODS | grammar.ARRAY_ATTRIBUTES  # e.g. jnp.pi.shape: pointless, harmless
        return [] if set(rest[1:]) <= inner else [_unknown_member(node, text, rest[-1], inner, remedies)]
    return [_unknown_member(node, text, rest[0], allowed, remedies)]


def _unknown_member(node: ast.AST, text: str, name: str, allowed: Collection[str], remedies: dict[str, str]) -> Finding:
    remedy = remedies.get(name) or _nearest_remedy(name, allowed)
    return error("static.member", node, f"{text} is not part of the reward language", remedy)


def _nearest_remedy(name: str, allowed: Collection[str]) -> str:
    close = difflib.get_close_matches(name, sorted(allowed), n=3, cutoff=0.6)
    listed = f"Near to it: {', '.join(close)}. " if close else ""
    return f"{listed}`autoreward guide` lists all allowed names."


def _attribute_findings(node: ast.Attribute, allowed: Collection[str]) -> list[Finding]:
    if not isinstance(node.ctx, ast.Load):
        return [_store_finding(node)]
    if node.attr in allowed or (_reads_record(node) and not node.attr.startswith("_")):
        return []  # whether a record has the field is the critic's rule: it knows the nearest ones
    remedy = grammar.ATTRIBUTE_REMEDIES.get(node.attr) or _nearest_remedy(node.attr, allowed)
    return [error("static.attribute", node, f"attribute .{node.attr} is not part of the reward language", remedy)]


def _reads_record(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("state", "next_state", "trajectory")


def _store_finding(node: ast.Attribute) -> Finding:
    message = f"attribute .{node.attr} is assigned: records and arrays are read only"
    return error("static.store", node, message, "Give the new value a name of its own.")


def _call_findings(node: ast.AST) -> Iterator[Finding]:
    assert isinstance(node, ast.Call)
    function = node.func
    if not isinstance(function, ast.Attribute):
        return
    for keyword in node.keywords:
        if keyword.arg is None:
            yield error("static.keyword", node, "** in a call of an array function", "Write the arguments out.")
        elif keyword.arg not in grammar.KEYWORDS and function.attr not in grammar.MUTATING_METHODS:
            message = f"{shown(function)}: the keyword {keyword.arg}= is not shared by numpy and jax.numpy"
            yield error("static.keyword", node, message, "Pass it by position, or leave it out.")


def _constant_findings(node: ast.AST) -> Iterator[Finding]:
    assert isinstance(node, ast.Constant)
    value = node.value
    if isinstance(value, bytes | complex):
        message = f"a constant of type {type(value).__name__}"
        yield error("static.number", node, message, "Use numbers, strings, True, False and None.")
    elif isinstance(value, int) and abs(value) > grammar.INTEGER_LIMIT:
        message = "an integer beyond 32 bits"
        yield error("static.number", node, message, "Write it as a float, e.g. 1e12, or choose smaller units.")


def _function_findings(node: ast.AST) -> Iterator[Finding]:
    assert isinstance(node, ast.FunctionDef)
    for decorator in node.decorator_list:
        yield error("static.decorator", decorator, "a decorator", "Remove it: programs are compiled as a whole.")


def _argument_findings(node: ast.AST) -> Iterator[Finding]:
    assert isinstance(node, ast.arguments)
    for default in [*node.defaults, *node.kw_defaults]:
        if default is not None and not is_constant(default):
            message = "the default of a parameter is not a constant"
            yield error("static.default", default, message, "Use a number, or pass the value.")


def _loop_findings(node: ast.AST) -> Iterator[Finding]:
    assert isinstance(node, ast.For)
    if node.orelse:
        yield error("static.construct", node, "`else` of a loop is not part of the reward language", "Remove it.")


def _identity_findings(node: ast.AST) -> Iterator[Finding]:
    assert isinstance(node, ast.Compare)
    for operation, sides in zip(node.ops, pairwise([node.left, *node.comparators]), strict=True):
        if isinstance(operation, ast.Is | ast.IsNot) and not any(map(_is_none, sides)):
            message = "`is` between two values asks which object it is, and that is Python's business"
            yield error("static.identity", node, message, "Write == for numbers; `is` beside None only.")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def shown(node: ast.AST) -> str:
    """A part of the program for a message, at most 60 characters."""
    try:
        return ast.unparse(node)[:60]
    except ValueError:  # an f-string that cannot be written back
        return type(node).__name__


def is_constant(node: ast.expr) -> bool:
    """Whether an expression is a literal: numbers with a sign, strings, and tuples, lists and dicts of them."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.UAdd | ast.USub) and is_constant(node.operand)
    if isinstance(node, ast.Tuple | ast.List):
        return all(is_constant(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        return all(key is not None and is_constant(key) for key in node.keys) and all(map(is_constant, node.values))
    return isinstance(node, ast.Constant)


def _module_level_findings(tree: ast.Module) -> Iterator[Finding]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.Pass):
            continue
        if isinstance(node, ast.Assign):
            yield from _module_target_findings(node)
        elif type(node) in grammar.NODES and not _is_text(node):
            message = "module level holds a docstring, constants, functions and imports only"
            yield error("static.module_level", node, message, "Move it into a function, or remove it.")


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _module_target_findings(node: ast.Assign) -> Iterator[Finding]:
    for target in node.targets:
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        if not all(isinstance(name, ast.Name) for name in names):
            message = "a module-level assignment to something that is not a plain name"
            yield error("static.module_level", node, message, "Write the constant out in one assignment.")


def error(rule: str, node: ast.AST, message: str, remedy: str) -> Finding:
    """An error at the line of a node."""
    return Finding(rule=rule, severity="error", line=getattr(node, "lineno", None), message=message, remedy=remedy)


_CHECKS: dict[type[ast.AST], Callable[[ast.AST], Iterator[Finding]]] = {
    ast.Call: _call_findings,
    ast.Compare: _identity_findings,
    ast.Constant: _constant_findings,
    ast.FunctionDef: _function_findings,
    ast.arguments: _argument_findings,
    ast.For: _loop_findings,
}
