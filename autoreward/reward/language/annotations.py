"""Annotations: which ones a program may have, and the tree without them.

They say nothing about the numbers and would be evaluated when an exported file is imported, so they are removed. Only
what is nothing but names of types is removed; anything else stays in the tree, where all other rules see it too.
"""

from __future__ import annotations

import ast
import warnings

from autoreward.python_text import parse_expression
from autoreward.records import Finding
from autoreward.reward.language import grammar
from autoreward.reward.language.node_rules import error, shown

TEXT_LIMIT = 200  # characters of an annotation that is written as text
_REMEDY = "Remove it, or write a plain type: jnp.ndarray, float, dict[str, float]."
_TARGET_REMEDY = "Annotate plain names only, or remove the annotation."


def remove_annotations(tree: ast.Module) -> list[Finding]:
    """Remove the annotations that are types; those that are not stay, with a finding for each."""
    remover = _Remover()
    remover.visit(tree)
    return remover.findings


def is_type(node: ast.expr) -> bool:
    """Whether an expression is made of the names of types alone: a name, `X | Y`, or a subscript of one."""
    if isinstance(node, ast.Constant):
        return node.value is None or (isinstance(node.value, str) and _is_type_text(node.value))
    return _is_written_type(node)


def _is_type_text(text: str) -> bool:
    """`"jnp.ndarray"`: a type in quotes, which holds no further quotes."""
    if len(text) > TEXT_LIMIT or not text.isascii():
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _is_written_type(parse_expression(text).body)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False


def _is_written_type(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and is_type(node.left) and is_type(node.right)
    if isinstance(node, ast.Subscript):
        return _is_named_type(node.value) and _is_argument(node.slice)
    return _is_named_type(node)


def _is_named_type(node: ast.expr) -> bool:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return isinstance(node, ast.Name) and ".".join([node.id, *reversed(names)]) in grammar.TYPES


def _is_argument(node: ast.expr) -> bool:
    """What stands in the brackets of `dict[str, float]`, `tuple[float, ...]` and `Callable[[float], float]`."""
    if isinstance(node, ast.Tuple | ast.List):
        return all(_is_argument(item) for item in node.elts)
    return is_type(node) or (isinstance(node, ast.Constant) and node.value is ...)


class _Remover(ast.NodeTransformer):
    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = self._left_of(node.returns)
        node.type_comment = None
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = self._left_of(node.annotation)
        node.type_comment = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            message = f"{shown(node.target)!r} is annotated"
            self.findings.append(error("static.annotation", node, message, _TARGET_REMEDY))
            return node
        if self._left_of(node.annotation) is not None:
            return node
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)

    def _left_of(self, annotation: ast.expr | None) -> ast.expr | None:
        """None where there is nothing, or nothing but a type; else the annotation, with a finding."""
        if annotation is None or is_type(annotation):
            return None
        message = f"the annotation {shown(annotation)!r} is not a plain type"
        self.findings.append(error("static.annotation", annotation, message, _REMEDY))
        return annotation
