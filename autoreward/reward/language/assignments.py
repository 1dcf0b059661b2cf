"""`x += y` is written out as `x = x + y`, so that it means the same in numpy and where it is compiled.

In numpy the first changes an array in place, for every name that stands for it; a traced array never changes.
"""

from __future__ import annotations

import ast
import copy


def write_out_assignments(tree: ast.Module) -> None:
    """Replace every augmented assignment of a checked tree, in place; what is assigned to is a name or an entry."""
    _Writer().visit(tree)


class _Writer(ast.NodeTransformer):
    def visit_AugAssign(self, node: ast.AugAssign) -> ast.Assign:
        before = copy.deepcopy(node.target)
        before.ctx = ast.Load()
        value = ast.copy_location(ast.BinOp(left=before, op=node.op, right=node.value), node)
        return ast.copy_location(ast.Assign(targets=[node.target], value=value), node)
