"""A pack as a file of its own: the field makers it imports from autoreward are written out in it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable

from autoreward.environment import fields
from autoreward.environment.pack import Pack
from autoreward.errors import EnvironmentFailedError
from autoreward.python_text import parse_module


def pack_source(pack: Pack) -> bytes:
    """The pack's `pack.py` such that it works without autoreward.

    Raises:
        EnvironmentFailedError: it imports field makers under other names, ones that do not exist, or defines their
            names itself.
    """
    source = (pack.folder / "pack.py").read_bytes()
    tree = parse_module(source)
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == fields.__name__]
    if not imports:
        return source
    makers = _makers()
    used = _with_dependencies([alias.name for node in imports for alias in node.names], makers)
    _check_names(pack, tree, imports, used, makers)
    lines = source.decode().splitlines(keepends=True)
    for node in reversed(imports):
        lines[node.lineno - 1 : node.end_lineno] = []
    written = "\n\n\n".join(text for name, text in makers.items() if name in used)
    at = imports[0].lineno - 1
    return "".join([*lines[:at], "from typing import Any\n\n\n", written, "\n\n", *lines[at:]]).encode()


def _makers() -> dict[str, str]:
    """The source of every field maker, by name, in the order of the file."""
    source = inspect.getsource(fields)
    nodes = [node for node in parse_module(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_source_segment(source, node) or "" for node in nodes}


def _with_dependencies(names: Iterable[str], makers: dict[str, str]) -> set[str]:
    """The names, and those of all makers that they call."""
    used: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            read = {node.id for node in ast.walk(parse_module(makers.get(name, ""))) if isinstance(node, ast.Name)}
            waiting += read & set(makers)
    return used


def _check_names(
    pack: Pack, tree: ast.Module, imports: list[ast.ImportFrom], used: set[str], makers: dict[str, str]
) -> None:
    renamed = [alias.name for node in imports for alias in node.names if alias.asname]
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    defined |= {
        target.id
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    wrong = sorted({*renamed, *(used - set(makers)), *(defined & used)})
    if wrong:
        raise EnvironmentFailedError(
            f"{pack.name}/pack.py cannot be exported: {', '.join(wrong)} of {fields.__name__} does not exist, is "
            "imported under another name, or is defined in the pack as well.",
            "Import field makers by their own names, and give other names to what the pack defines.",
        )
