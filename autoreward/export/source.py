"""The text of a checked reward program, made fit to stand inside another file."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Collection
from pathlib import Path

from autoreward.errors import UsageError
from autoreward.export.comments import with_comments
from autoreward.reward.language.rules import checked_text, parse

# The lines that stand around the program in reward.py.j2.
_EXPORTED = re.compile(
    r"^# --- The reward program, as it was written and trained -*$(?P<program>.*?)^# --- How it is applied", re.M | re.S
)
RENAMED = "_of_program"  # ending of a name that the file around the program needs for itself


def embeddable(source: str, tree: ast.Module, reserved: Collection[str]) -> str:
    """The checked program as text, with none of the reserved names at module level.

    It is written from the tree that passed the rules, without imports and annotations, never copied: so what stands in
    the export is what was checked, traced and trained. Comments are put back as whole lines (see `with_comments`).

    Args:
        source: a program that the critic accepted.
        tree: its checked tree.
        reserved: names that the file around it defines.
    """
    clashes = module_names(tree) & set(reserved)
    if clashes:
        tree = _Renaming(clashes).visit(copy.deepcopy(tree))
    text = checked_text(tree)
    if text is None:
        raise AssertionError("a checked program can be written back")
    return with_comments(text, source, tree)


def checked_tree(source: str, fields: Collection[str]) -> ast.Module:
    """The tree that the language rules passed.

    Args:
        source: the program.
        fields: names that may be read as attributes of a record.

    Raises:
        UsageError: they do not pass it.
    """
    parsed = parse(source, fields)
    if parsed.tree is None or not parsed.runnable:
        first = parsed.findings[0]
        message = f"The program is not in the reward language and is not exported: line {first.line}: {first.message}."
        raise UsageError(message, first.remedy or "Check it with `autoreward check`.")
    return parsed.tree


def program_in(text: str) -> str:
    """The reward program inside an exported `reward.py`; any other text as it is.

    So an exported reward can be checked, trained and compared again like the file that it was made from.
    """
    found = _EXPORTED.search(text)
    return found["program"].strip() + "\n" if found else text


def read_reward_file(file: str) -> str:
    """The program of a reward file, also of an exported one; what is inside is the critic's business.

    Raises:
        UsageError: it cannot be opened.
    """
    try:
        return program_in(Path(file).read_bytes().decode("utf-8", errors="surrogateescape"))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}.", "Give the path of a reward file.") from error


def attributes_read(tree: ast.Module) -> set[str]:
    """Every name that stands behind a dot: fields, and functions of the array namespace."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def constant_of(tree: ast.Module, name: str) -> object:
    """The value of a module-level constant; None where it is not there or not written as plain numbers."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                return ast.literal_eval(node.value)  # type: ignore[attr-defined]
            except ValueError:
                return None
    return None


def module_names(tree: ast.Module) -> set[str]:
    """The names that a module defines."""
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef):
            stored = (n for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            names |= {node.id for node in stored}
    return names


class _Renaming(ast.NodeTransformer):
    """Gives some names another ending wherever they stand for a value, parameters and keywords included."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._new(node.id)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self._new(node.name)
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._new(node.arg)
        self.generic_visit(node)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        node.arg = node.arg and self._new(node.arg)
        self.generic_visit(node)
        return node

    def _new(self, name: str) -> str:
        return name + RENAMED if name in self._names else name
