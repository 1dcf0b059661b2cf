"""The text of a checked reward program, made fit to stand inside another file."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from autoreward.errors import UsageError

# The lines that stand around the program in reward.py.j2.
_EXPORTED = re.compile(
    r"^# --- The reward program, as it was written and trained -*$(?P<program>.*?)^# --- How it is applied", re.M | re.S
)
RENAMED = "_of_program"  # ending of a name that the file around the program needs for itself


def embeddable(source: str, reserved: Collection[str]) -> str:
    """The program without its imports, and with none of the reserved names at module level.

    The text stays as it was written, comments included, wherever that is possible; where names or imports share a
    line with other code, it is written anew from its syntax tree.

    Args:
        source: a program that the critic accepted.
        reserved: names that the file around it defines.
    """
    tree = ast.parse(source)
    clashes = module_names(tree) & set(reserved)
    if clashes:
        return ast.unparse(_Renaming(clashes).visit(_without_imports(tree))) + "\n"
    return _cut_imports(source, tree) or ast.unparse(_without_imports(tree)) + "\n"


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


def attributes_read(source: str) -> set[str]:
    """Every name that stands behind a dot: fields, and functions of the array namespace."""
    return {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}


def constant_of(source: str, name: str) -> object:
    """The value of a module-level constant; None where it is not there or not written as plain numbers."""
    for node in ast.parse(source).body:
        targets: Iterable[ast.expr] = ()
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = (node.target,)
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


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _without_imports(tree: ast.Module) -> ast.Module:
    return ast.Module([node for node in tree.body if not _is_import(node)], [])


def _cut_imports(source: str, tree: ast.Module) -> str | None:
    """The text without the lines of its imports; None where such a line holds something else too."""
    cut = {line for node in tree.body if _is_import(node) for line in _lines(node)}
    kept = {line for node in tree.body if not _is_import(node) for line in _lines(node)}
    if cut & kept:
        return None
    # Split as Python counts lines: a form feed in a comment does not end one.
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = "\n".join(line for number, line in enumerate(lines, 1) if number not in cut)
    return text.strip("\n") + "\n"


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


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
