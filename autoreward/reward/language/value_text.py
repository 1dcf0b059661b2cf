"""Text that a program makes: of indices, names and constants, never of arrays, records or shapes.

What an array looks like as text is one thing while it is traced and another in numpy, so a program that reads it would
be another reward in the export. Widths are refused too: `f"{x:>999999999}"` is a gigabyte.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autoreward.records import Finding
from autoreward.reward.language.node_rules import error, is_constant

VIEWS = ("items", "keys", "values")


def value_text_findings(tree: ast.Module) -> list[Finding]:
    """Where text is made of what is no index, name or constant."""
    plain = _PlainNames(tree)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    findings = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue):
            sound = node.format_spec is None and node.conversion == -1 and plain.holds(node.value)
        elif isinstance(node, ast.Name) and node.id == "str" and isinstance(node.ctx, ast.Load):
            call = called.get(id(node))
            sound = call is not None and len(call.args) == 1 and not call.keywords and plain.holds(call.args[0])
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            sound = not (isinstance(node.left, ast.JoinedStr) or _is_text(node.left))
        else:
            continue
        if not sound:
            message = "text is made of something that is no index, no name and no constant, or in a form of its own"
            remedy = 'Write the index of a loop alone: f"joint_{i}" in `for i in range(3)`.'
            findings.append(error("static.value_text", node, message, remedy))
    return findings


class _PlainNames:
    """Names that hold indices and constants wherever they are bound."""

    def __init__(self, tree: ast.Module) -> None:
        stores = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
        self._bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        self._bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self._constants = {
            statement.targets[0].id
            for statement in tree.body
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and is_constant(statement.value)
            if isinstance(statement.targets[0], ast.Name)
        }
        self._constants = {name for name in self._constants if sum(node.id == name for node in stores) == 1}
        loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.comprehension)]
        sound = {id(name) for loop in loops for name in self._targets(loop.target, loop.iter)}
        unsound = {node.id for node in stores if id(node) not in sound and node.id not in self._constants}
        self._names = ({node.id for node in stores} - unsound) - self._bound

    def holds(self, node: ast.expr) -> bool:
        """Whether an expression is an index, a name or a constant, or a sum of such."""
        if isinstance(node, ast.Name):
            return node.id in self._names
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.Add | ast.Sub) and self.holds(node.left) and self.holds(node.right)
        if isinstance(node, ast.Subscript):
            return isinstance(node.value, ast.Name) and self.holds(node.value) and self.holds(node.slice)
        return isinstance(node, ast.Constant)

    def _targets(self, target: ast.expr, source: ast.expr) -> Iterator[ast.Name]:
        """The names of a loop's target that run over indices and constants."""
        call = source.func.id if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) else ""
        if call == "enumerate" and isinstance(source, ast.Call) and isinstance(target, ast.Tuple) and source.args:
            yield from (name for name in target.elts[:1] if isinstance(name, ast.Name))
            yield from (name for item in target.elts[1:] for name in self._targets(item, source.args[0]))
        elif self._runs_over_constants(source):
            yield from (name for name in ast.walk(target) if isinstance(name, ast.Name))

    def _runs_over_constants(self, source: ast.expr) -> bool:
        if isinstance(source, ast.Call) and isinstance(source.func, ast.Name):
            if source.func.id in ("zip", "reversed", "sorted"):
                return all(map(self._runs_over_constants, source.args))
            return source.func.id == "range"
        if isinstance(source, ast.Call) and isinstance(source.func, ast.Attribute):
            return source.func.attr in VIEWS and self._runs_over_constants(source.func.value)
        return is_constant(source) or (isinstance(source, ast.Name) and source.id in self._constants)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
