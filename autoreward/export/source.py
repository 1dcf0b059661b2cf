"""The checked tree of a reward program, made fit to stand inside another file.

What is exported is written from the tree that passed the rules, without imports and annotations, and never copied from
the text: so what stands in the export is what was checked, traced and trained.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Mapping
from pathlib import Path

from autoreward.critic.contract_rules import constant_number
from autoreward.errors import UsageError
from autoreward.export.comments import with_comments
from autoreward.export.frame import program_in
from autoreward.input_files import read_input
from autoreward.python_text import parse_expression
from autoreward.records import Form
from autoreward.reward.form_reading import form_node
from autoreward.reward.language.name_rules import bound_names
from autoreward.reward.language.rules import checked_text, parse

RENAMED = "_of_program"  # ending of a name that the file around the program needs for itself


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
        place = f"line {first.line}: " if first.line else ""
        message = f"The program is not in the reward language and is not exported: {place}{first.message}."
        raise UsageError(message, first.remedy or "Check it with `autoreward check`.")
    return parsed.tree


def program_text(tree: ast.Module, source: str) -> str:
    """A checked tree as text, with the comments of its source as far as they are plain (see `with_comments`)."""
    text = checked_text(tree)
    if text is None:
        raise AssertionError("a checked program can be written back")
    return with_comments(text, source, tree)


def with_numbers(tree: ast.Module, constants: Mapping[str, Mapping[str, float]]) -> ast.Module:
    """The program with other values in its dicts of numbers; a dict that has these values stays as it is written."""
    tree = copy.deepcopy(tree)
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            numbers = constants.get(node.targets[0].id)
            if numbers is not None and _numbers(node.value) != dict(numbers):
                node.value = ast.copy_location(parse_expression(repr(dict(numbers))).body, node.value)
    return tree


def with_form(tree: ast.Module, form: Form) -> ast.Module:
    """The program with its FORM written out, as it was trained; one that has none stays without."""
    node = form_node(tree)
    if node is None:
        return tree
    tree = copy.deepcopy(tree)
    node = form_node(tree)
    assert node is not None  # it was there
    node.value = ast.copy_location(parse_expression(repr(form.data())).body, node.value)
    return tree


def _numbers(node: ast.expr) -> dict[object, float | None]:
    """The values of a dict that is written with names and constant arithmetic."""
    if not isinstance(node, ast.Dict):
        return {}
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    return dict(zip(keys, map(constant_number, node.values), strict=True))


def renamed(tree: ast.Module, reserved: Collection[str]) -> ast.Module:
    """The program with none of the reserved names at module level; names inside functions are no clash."""
    used = {name for node in ast.walk(tree) for name in vars(node).values() if isinstance(name, str)}
    names = {}
    for name in sorted(module_names(tree) & set(reserved)):
        names[name] = name + RENAMED
        while names[name] in used:
            names[name] += "_"
    return _Renaming(names).visit(copy.deepcopy(tree)) if names else tree


def read_reward_file(file: str) -> str:
    """The program of a reward file, also of an exported one; what is inside is the critic's business.

    Raises:
        UsageError: it cannot be opened, is no regular file, or too large.
    """
    return program_in(read_text(file))


def read_text(file: str) -> str:
    """All of a reward file as it is; bytes that are no UTF-8 are kept for the critic to see.

    Raises:
        UsageError: it cannot be opened, is no regular file, or too large.
    """
    return read_input(Path(file)).decode("utf-8", errors="surrogateescape")


def attributes_read(tree: ast.Module) -> set[str]:
    """Every name that stands behind a dot: fields, and functions of the array namespace."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def module_names(tree: ast.Module) -> set[str]:
    """The names that a module defines."""
    return bound_names(tree.body)


class _Renaming(ast.NodeTransformer):
    """Gives names of the module other ones, wherever they mean the module's: locals, parameters, keywords stay."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._scopes: list[set[str]] = []

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if not any(node.id in scope for scope in self._scopes):
            node.id = self._names.get(node.id, node.id)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if not self._scopes:
            node.name = self._names.get(node.name, node.name)
        self._visit_defaults(node.args)
        self._within(_parameters(node.args) | bound_names(node.body), node.body)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self._visit_defaults(node.args)
        self._within(_parameters(node.args), [node.body])
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.ListComp:
        self._visit_comprehension(node.generators, [node.elt])
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.GeneratorExp:
        self._visit_comprehension(node.generators, [node.elt])
        return node

    def visit_DictComp(self, node: ast.DictComp) -> ast.DictComp:
        self._visit_comprehension(node.generators, [node.key, node.value])
        return node

    def _visit_comprehension(self, generators: list[ast.comprehension], results: list[ast.expr]) -> None:
        self.visit(generators[0].iter)  # the first iterable belongs to the scope around
        inner = [part for one in generators for part in (one.target, *one.ifs)] + [one.iter for one in generators[1:]]
        self._within(bound_names([one.target for one in generators]), [*inner, *results])

    def _visit_defaults(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)

    def _within(self, names: set[str], nodes: Collection[ast.AST]) -> None:
        self._scopes.append(names)
        for node in nodes:
            self.visit(node)
        self._scopes.pop()


def _parameters(arguments: ast.arguments) -> set[str]:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {argument.arg for argument in named if argument is not None}
