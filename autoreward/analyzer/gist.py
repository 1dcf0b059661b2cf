"""Two programs in short: what one is about, and whether both have the same structure."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from autoreward.analyzer.formulas import formulas, readable, whole
from autoreward.plain_text import plain
from autoreward.python_text import parse_module

SAID = 160  # characters of a docstring
SHOWN = 140  # characters of an expression
ALIKE = 0.5  # of all terms of two programs: with more in common they have the same structure


def gist(source: str, shares: Mapping[str, float]) -> str:
    """The first paragraph of a program's docstring, and the term that paid most with its expression.

    Args:
        shares: of the income, by term; empty where it was not trained.
    """
    docstring = _docstring(source)
    said = _cut(docstring.split("\n\n")[0], SAID)
    expressions = readable(source)
    main = max(shares, key=lambda name: shares[name], default=None)
    if main is None or main not in expressions:
        return said
    return f"{said} Main term {main} ({shares[main]:.0%} of the income): {_cut(expressions[main], SHOWN)}".strip()


def alike(first: str, second: str) -> bool:
    """Whether two programs have the same structure: more than half of their formulas in common, numbers aside."""
    ours, theirs = _parts(first), _parts(second)
    if not ours or not theirs:
        return whole(first) == whole(second)
    return len(ours & theirs) > ALIKE * len(ours | theirs)


def _parts(source: str) -> set[str]:
    terms, potential = formulas(source)
    return {*terms.values(), *([potential] if potential else [])}


def _docstring(source: str) -> str:
    try:
        return ast.get_docstring(parse_module(source)) or ""
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def _cut(text: str, limit: int) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else f"{line[:limit].rstrip()} ..."
