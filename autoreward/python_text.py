"""Parsing Python text, one thread at a time.

CPython counts how deep the tree is that it builds in one place for all threads (as of 3.11): where two of them parse at
once, one can end with "SystemError: AST constructor recursion depth mismatch".
"""

from __future__ import annotations

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def parse_module(source: str | bytes, filename: str = "<unknown>") -> ast.Module:
    """The tree of a whole text; raises what `ast.parse` raises."""
    with _ONE_AT_A_TIME:
        return ast.parse(source, filename)


def parse_expression(text: str) -> ast.Expression:
    """The tree of one expression; raises what `ast.parse` raises."""
    with _ONE_AT_A_TIME:
        return ast.parse(text, mode="eval")
