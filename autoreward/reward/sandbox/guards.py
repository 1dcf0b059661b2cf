"""`text % value` formats text, which no rule can tell from a remainder: in the child, where it runs, it is refused."""

from __future__ import annotations

import ast
import copy
import operator
from typing import Any

from autoreward.reward.sandbox.namespaces import ContractViolation

REMAINDER = "__remainder__"  # no name of a program has two underscores


def guarded(tree: ast.Module) -> ast.Module:
    """A copy of a checked tree whose remainders are calls of `remainder`, which its globals have as REMAINDER."""
    tree = copy.deepcopy(tree)
    _Guard().visit(tree)
    return ast.fix_missing_locations(tree)


def remainder(left: Any, right: Any) -> Any:
    """`left % right`.

    Raises:
        ContractViolation: `left` is text.
    """
    if isinstance(left, str):
        message = "text is formatted with %"
        raise ContractViolation("static.value_text", message, 'Write the index of a loop alone: f"joint_{i}".')
    return operator.mod(left, right)


class _Guard(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Mod):
            return node
        call = ast.Call(func=ast.Name(id=REMAINDER, ctx=ast.Load()), args=[node.left, node.right], keywords=[])
        return ast.copy_location(call, node)
