"""Name rules: every name is bound in the program or part of the language; nothing is kept between calls."""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Iterator, Sequence

from autoreward.records import Finding
from autoreward.reward.language import grammar
from autoreward.reward.language.node_rules import error, shown

BUILT_IN = frozenset(dir(builtins))
_Function = ast.FunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.DictComp | ast.GeneratorExp


def name_findings(tree: ast.Module) -> list[Finding]:
    """Names that are refused, unknown, rebound namespaces, or module-level values changed inside a function."""
    module = bound_names(tree.body)
    findings = [*_spelling_findings(tree), *_built_in_findings(tree)]
    for node in tree.body:
        findings += _visit(node, module, ())
    return findings


def _spelling_findings(tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        for name in _names_of(node):
            if "__" in name:
                message = f"the name {name!r} contains a double underscore"
                yield error("static.name", node, message, "Choose a plain name.")
        if isinstance(node, ast.Name | ast.arg | ast.FunctionDef):
            yield from _rebound_findings(node)


def _built_in_findings(tree: ast.Module) -> Iterator[Finding]:
    """Names of Python that the module takes: they would mean something else in all of an exported file."""
    for node in tree.body:
        for name in sorted(bound_names([node])):
            if name in BUILT_IN:
                yield error("static.name", node, f"{name!r} is a name of Python itself", "Choose another name.")


def _names_of(node: ast.AST) -> list[str]:
    """Every identifier a node carries itself, whatever its kind: new kinds of node cannot slip through."""
    values: list[object] = []
    for field in node._fields:
        if not isinstance(node, ast.Constant):
            value = getattr(node, field, None)
            values += value if isinstance(value, list) else [value]
    return [value for value in values if isinstance(value, str)]


def _rebound_findings(node: ast.Name | ast.arg | ast.FunctionDef) -> Iterator[Finding]:
    if isinstance(node, ast.Name):
        name, bound = node.id, not isinstance(node.ctx, ast.Load)
    else:
        name, bound = (node.arg if isinstance(node, ast.arg) else node.name), True
    if bound and name in grammar.NAMESPACES:
        yield error("static.name", node, f"{name!r} is given another meaning", "Choose another name.")


def _visit(node: ast.AST, module: set[str], scopes: tuple[set[str], ...]) -> Iterator[Finding]:
    """All name findings below a node. `scopes` are the local names, outermost first; () at module level."""
    if isinstance(node, ast.Attribute) and _is_namespace_member(node):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _load_findings(node, module, scopes)
    elif isinstance(node, _Function):
        yield from _visit_function(node, module, scopes)
    elif isinstance(node, _Comprehension):
        yield from _visit_comprehension(node, module, scopes)
    else:
        yield from _change_findings(node, scopes)
        for child in ast.iter_child_nodes(node):
            yield from _visit(child, module, scopes)


def _is_namespace_member(node: ast.Attribute) -> bool:
    """`jnp.exp`, `jnp.linalg.norm`; not `jnp.linalg` alone, which would be a namespace as a value."""
    inner = node.value
    if isinstance(inner, ast.Name) and inner.id in grammar.NAMESPACES:
        return node.attr != "linalg"
    return (
        isinstance(inner, ast.Attribute)
        and inner.attr == "linalg"
        and isinstance(inner.value, ast.Name)
        and inner.value.id in grammar.NAMESPACES
    )


def _visit_function(node: _Function, module: set[str], scopes: tuple[set[str], ...]) -> Iterator[Finding]:
    arguments = node.args
    for default in [*arguments.defaults, *arguments.kw_defaults]:
        if default is not None:
            yield from _visit(default, module, scopes)
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    local = {argument.arg for argument in named if argument is not None}
    body: Sequence[ast.AST] = node.body if isinstance(node, ast.FunctionDef) else [node.body]
    if isinstance(node, ast.FunctionDef):
        local |= bound_names(node.body)
    for child in body:
        yield from _visit(child, module, (*scopes, local))


def _visit_comprehension(node: _Comprehension, module: set[str], scopes: tuple[set[str], ...]) -> Iterator[Finding]:
    local: set[str] = set()
    for generator in node.generators:
        local |= bound_names([generator.target])
    for child in ast.iter_child_nodes(node):
        yield from _visit(child, module, (*scopes, local))


def _load_findings(node: ast.Name, module: set[str], scopes: tuple[set[str], ...]) -> Iterator[Finding]:
    name = node.id
    if any(name in scope for scope in scopes) or name in module or name in grammar.BUILTINS:
        return
    if name in grammar.NAMESPACES:
        message = f"{name} is used as a value"
        yield error("static.name", node, message, f"Write the function you need: {name}.exp.")
        return
    known = sorted(set().union(module, *scopes))
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    hint = f"Did you mean {close[0]}?" if close else "Define it, or use a function of jnp."
    remedy = grammar.NAME_REMEDIES.get(name, hint)
    if name in grammar.JNP_MEMBERS and not close:
        remedy = f"Write jnp.{name}."
    yield error("static.name", node, f"the name {name!r} does not exist in a reward program", remedy)


def _change_findings(node: ast.AST, scopes: tuple[set[str], ...]) -> Iterator[Finding]:
    """Values of the module that a function changes: the second call would see what the first one left."""
    base: ast.expr | None = None
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        base = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        base = node.func.value if node.func.attr in grammar.MUTATING_METHODS else None
    while isinstance(base, ast.Subscript):
        base = base.value
    if base is None or (isinstance(base, ast.Name) and any(base.id in scope for scope in scopes)):
        return
    if isinstance(base, ast.List | ast.Dict | ast.Call) or (not scopes and isinstance(node, ast.Subscript)):
        return
    message = f"{shown(base)} is changed inside the program, but is not a local list or dict"
    yield error("static.store", node, message, "Build a new value: a reward keeps nothing between calls.")


def bound_names(nodes: Sequence[ast.AST]) -> set[str]:
    """Names bound by these statements or targets, without those of inner functions and comprehensions."""
    names: set[str] = set()
    stack: list[ast.AST] = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif not isinstance(node, ast.Lambda | _Comprehension):
            stack.extend(ast.iter_child_nodes(node))
    return names
