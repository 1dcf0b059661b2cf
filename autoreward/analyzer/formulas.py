"""The formula of each term in the text of a program, so that two programs can be compared term by term. Reads only."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from autoreward.python_text import parse_module

TERMS, POTENTIAL = "reward_terms", "potential"
NUMBERS = frozenset({"WEIGHTS", "PARAMS"})  # compared as numbers
# What ast raises on any text.
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)

Definitions = Mapping[str, Sequence[ast.stmt]]  # the statements that give a name its value


def formulas(source: str) -> tuple[dict[str, str], str]:
    """What each term is computed by, with everything it depends on, and the same of the potential.

    Two equal texts mean equal formulas; comments, layout, and terms beside it make no difference.

    Returns:
        Formulas by term, of those that stand one by one in a dict; and of the potential, "" where there is none.
    """
    try:
        tree = parse_module(source)
    except UNREADABLE:
        return {}, ""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    outside = definitions([node for node in tree.body if not _is_numbers(node)])
    potential = _with_dependencies(functions[POTENTIAL], outside) if POTENTIAL in functions else ""
    function = functions.get(TERMS)
    if function is None:
        return {}, potential
    known = {**outside, **definitions(function.body)}
    return {name: _with_dependencies(node, known) for name, node in dict_entries(function)}, potential


def readable(source: str) -> dict[str, str]:
    """The expression of each term as a person reads it; a name stands for what it was last given."""
    try:
        tree = parse_module(source)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        function = functions.get(TERMS)
        if function is None:
            return {}
        known = definitions(function.body)
        return {name: ast.unparse(_behind(node, known)) for name, node in dict_entries(function)}
    except UNREADABLE:
        return {}


def _behind(node: ast.AST, known: Definitions) -> ast.AST:
    """What a bare name was last given, else the expression itself."""
    last = known.get(node.id, [None])[-1] if isinstance(node, ast.Name) else None
    return last.value if isinstance(last, ast.Assign) else node


def whole(source: str) -> str:
    """All of the program but its numbers, as one formula."""
    try:
        return "\n".join(ast.dump(node) for node in parse_module(source).body if not _is_numbers(node))
    except UNREADABLE:
        return source


def dict_entries(function: ast.FunctionDef) -> Iterator[tuple[str, ast.AST]]:
    """The entries of the dict that is returned, directly or by name, and those put into it later."""
    last = function.body[-1]
    result = last.value if isinstance(last, ast.Return) else None
    holder = result.id if isinstance(result, ast.Name) else None
    for node in ast.walk(function):
        value = node.value if isinstance(node, ast.Assign) else None
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id == holder:
            result = value
        name = _key_of(target, holder)
        if name is not None and value is not None:
            yield name, value
    if isinstance(result, ast.Dict):
        for key, entry in zip(result.keys, result.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), entry


def _key_of(target: ast.expr | None, holder: str | None) -> str | None:
    """`a` of an assignment to `holder["a"]`."""
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name) or target.value.id != holder:
        return None
    return str(target.slice.value) if isinstance(target.slice, ast.Constant) else None


def definitions(body: Sequence[ast.stmt]) -> dict[str, list[ast.stmt]]:
    """The statements that give each name its value."""
    definitions: dict[str, list[ast.stmt]] = {}
    for statement in body:
        names = {statement.name} if isinstance(statement, ast.FunctionDef) else set(_stored(statement))
        for name in names:
            definitions.setdefault(name, []).append(statement)
    return definitions


def _stored(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds, in loops and conditions too."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _with_dependencies(node: ast.AST, known: Definitions) -> str:
    """A formula and every statement that it depends on, as text; docstrings are left out."""
    texts, waiting, seen = [ast.dump(_bare(node))], [node], set[str]()
    while waiting:
        for part in ast.walk(waiting.pop()):
            if isinstance(part, ast.Name) and part.id in known and part.id not in seen:
                seen.add(part.id)
                texts += [ast.dump(_bare(statement)) for statement in known[part.id]]
                waiting += known[part.id]
    return "\n".join([texts[0], *sorted(set(texts[1:]))])


def _bare(node: ast.AST) -> ast.AST:
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
        body = node.body[1:] or [ast.Pass()]
        return ast.FunctionDef(name=node.name, args=node.args, body=body, decorator_list=[], returns=node.returns)
    return node


def _is_numbers(node: ast.stmt) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or bool(NUMBERS & set(_stored(node)))
