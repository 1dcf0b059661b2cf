"""Is this text a program of the reward language? The tree that was checked is the tree that runs.

`parse` gives the tree, or every reason why not. Rules see the whole of it: only imports from a list and annotations
that are names of types are removed, and only after they were recognised as such. `x += y` is `x = x + y` in it: in
numpy it would change the array that other names stand for too, where the compiled program has a new one. The parent
calls it for early findings; the child calls it again and compiles the very tree it has checked, never the text; the
export writes that tree too (`checked_text`).
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection
from typing import NamedTuple

from autoreward.python_text import parse_module
from autoreward.records import Finding
from autoreward.reward.language.annotations import remove_annotations
from autoreward.reward.language.assignments import write_out_assignments
from autoreward.reward.language.grammar import DEPTH_LIMIT, NODE_LIMIT, REMOVED_IMPORTS
from autoreward.reward.language.name_rules import name_findings
from autoreward.reward.language.node_rules import node_findings
from autoreward.reward.language.number_rules import number_findings
from autoreward.reward.language.text_rules import identifier_findings, text_findings
from autoreward.reward.language.value_text import value_text_findings

FINDING_LIMIT = 40


class Parsed(NamedTuple):
    """A checked program. `tree` is None where the text could not be parsed; errors mean it must not run."""

    tree: ast.Module | None
    findings: tuple[Finding, ...]

    @property
    def runnable(self) -> bool:
        """Whether the tree is in the language."""
        return self.tree is not None and not any(finding.severity == "error" for finding in self.findings)


def parse(source: str, fields: Collection[str]) -> Parsed:
    """Parse and check one program.

    Args:
        source: the text of the program.
        fields: names that may be read as attributes of a record.

    Returns:
        The normalised tree and all findings of the language, ordered by line.
    """
    findings = text_findings(source)
    if findings:
        return Parsed(None, tuple(findings))
    tree, findings = _parse_text(source)
    if tree is None:
        return Parsed(None, tuple(findings))
    findings += identifier_findings(source)
    findings += _remove_imports(tree)
    findings += remove_annotations(tree)  # only types go; what is left is seen by the rules that follow
    findings += node_findings(tree, fields)
    findings += name_findings(tree)
    findings += value_text_findings(tree)
    findings += number_findings(tree)
    write_out_assignments(tree)
    return Parsed(tree, tuple(sorted(_distinct(findings), key=_order)[:FINDING_LIMIT]))


def checked_text(tree: ast.Module) -> str | None:
    """A program written anew from its checked tree; None where the text would not be that tree again."""
    try:
        text = ast.unparse(tree) + "\n"
        same = ast.dump(parse_module(text)) == ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return text if same else None


def written_findings(parsed: Parsed) -> list[Finding]:
    """Whether the export could write the program; asked before anything is trained, by the parent alone."""
    if parsed.tree is None or not parsed.runnable or checked_text(parsed.tree) is not None:
        return []
    remedy = "Write quotes and backslashes in it in a simpler way."
    return [_finding("static.syntax", None, "the program has a text that cannot be written back", remedy)]


def _parse_text(source: str) -> tuple[ast.Module | None, list[Finding]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a docstring is no finding
            tree = parse_module(source, filename="<reward>")
    except SyntaxError as error:
        message = f"the program cannot be parsed: {error.msg}"
        return None, [_finding("static.syntax", error.lineno, message, "Give one complete Python file.")]
    except (ValueError, MemoryError, RecursionError) as error:
        message = f"the program cannot be parsed: {type(error).__name__}"
        return None, [_finding("static.syntax", None, message, "Write shorter, less nested expressions.")]
    return (None, [finding]) if (finding := _size_finding(tree)) else (tree, [])


def _size_finding(tree: ast.Module) -> Finding | None:
    level: list[ast.AST] = [tree]
    count = depth = 0
    while level:
        count += len(level)
        depth += 1
        if count > NODE_LIMIT or depth > DEPTH_LIMIT:
            message = f"the program is too large or nested (limits: {NODE_LIMIT} nodes, {DEPTH_LIMIT} levels)"
            remedy = "Use loops over small constant ranges and intermediate names."
            return _finding("static.size", getattr(level[0], "lineno", None), message, remedy)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return None


def _remove_imports(tree: ast.Module) -> list[Finding]:
    findings: list[Finding] = []
    kept: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            findings += _import_findings(node)
        else:
            kept.append(node)
    tree.body = kept
    return findings


def _import_findings(node: ast.Import | ast.ImportFrom) -> list[Finding]:
    if isinstance(node, ast.ImportFrom):
        names = [alias.name for alias in node.names]
        harmless = node.level == 0 and "*" not in names and not any("__" in name for name in names)
        plain = harmless and not any(alias.asname for alias in node.names)
        if plain and (node.module == "typing" or (node.module, names) == ("__future__", ["annotations"])):
            return []  # used by annotations only, which are removed
        if harmless and node.module == "jax" and [(a.name, a.asname) for a in node.names] == [("numpy", "jnp")]:
            return []
        text = f"from {'.' * node.level}{node.module or ''} import {', '.join(names)}"
        return [_refused_import(node, text)]
    return [
        _refused_import(node, f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else ""))
        for alias in node.names
        if REMOVED_IMPORTS.get(alias.name) != (alias.asname or alias.name)
    ]


def _refused_import(node: ast.stmt, text: str) -> Finding:
    remedy = "Remove it. Allowed: import math, import jax.numpy as jnp, import numpy as np (np then means jnp)."
    return _finding("static.import", node.lineno, f"`{text}` is not part of the reward language", remedy)


def _distinct(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))


def _order(finding: Finding) -> int:
    return finding.line or 0


def _finding(rule: str, line: int | None, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity="error", line=line, message=message, remedy=remedy)
