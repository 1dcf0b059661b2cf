"""Programs of `--shaping-only`: a potential and nothing else, checked with one term that shows it.

The critic and the sandbox judge reward programs. A potential becomes one through a single term, its value in the next
state: so it is traced, probed and compared with numpy like any other, and the trainer takes only Phi from it.
"""

from __future__ import annotations

import ast

from autoreward.python_text import parse_module
from autoreward.records import Finding

TERM = "potential"
_SHOWN = f"""

WEIGHTS = {{"{TERM}": 1.0}}


def reward_terms(state, action, next_state, params):
    return {{"{TERM}": potential(next_state, params)}}
"""


def with_shown_potential(source: str) -> str:
    """The program with the term that shows its potential; its own lines keep their numbers."""
    return source.rstrip("\n") + "\n" + _SHOWN


def shaping_findings(source: str) -> tuple[Finding, ...]:
    """What a program has that may not be paid here, and the potential where it is missing."""
    try:
        tree = parse_module(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ()  # the language rules say it better
    functions = {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}
    stored = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    names = functions | {node.id: node.lineno for node in stored}
    findings = [
        _finding(
            "shaping.terms",
            names[name],
            f"{name} is defined, but only a potential is asked for: the task's own reward is the only other income",
            f"Remove {name}; put what helps into potential(state, params).",
        )
        for name in ("WEIGHTS", "reward_terms")
        if name in names
    ]
    if "potential" not in functions:
        message = "there is no function potential"
        findings.append(
            _finding("shaping.potential", None, message, "Define it at module level: def potential(state, params):")
        )
    return tuple(findings)


def _finding(rule: str, line: int | None, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity="error", line=line, message=message, remedy=remedy)
