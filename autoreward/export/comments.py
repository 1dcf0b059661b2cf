"""Comments of a program, put back into the text that was written anew from its checked tree."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

from autoreward import plain_text
from autoreward.python_text import parse_module

_RULER = "# ---"  # how the lines begin that separate the parts of an exported file
LINE_LIMIT = 120  # characters of a line with a comment behind it


def with_comments(text: str, source: str, tree: ast.Module) -> str:
    """The text of a tree with the comments of the source it was parsed from.

    A comment goes above the statement that it stood in or before; behind it, where that is one short line on both
    sides. Only printable comments are kept, and none that looks like a separator of the exported file. A text that
    would be another program with its comments is given back without them.

    Args:
        text: the tree, written anew.
        source: what the tree was parsed from; its nodes have the lines of this text.
        tree: the same tree.
    """
    written = parse_module(text)
    lines = text.rstrip("\n").split("\n")
    above: dict[int, list[str]] = {}
    behind: dict[int, str] = {}
    places = list(zip(_statements(tree), _statements(written), strict=True))
    for number, comment, alone in _comments(source):
        place = next((pair for pair in places if _head_end(pair[0]) >= number), None)
        if place is None:
            above.setdefault(len(lines), []).append(comment)
            continue
        old, new = place
        line = new.lineno - 1
        if (
            not alone
            and old.lineno == old.end_lineno == number
            and _fits(lines[line], comment, new)
            and line not in behind
        ):
            behind[line] = f"  {comment}"
        else:
            above.setdefault(line, []).append(" " * new.col_offset + comment)
    merged = [
        part
        for number, line in enumerate([*lines, ""])
        for part in (*above.get(number, ()), line + behind.get(number, ""))
    ]
    commented = "\n".join(merged).rstrip("\n") + "\n"
    return commented if _same(commented, written) else text


def plain_line(text: str) -> str:
    """A text that is safe behind `#` on one line: printable characters and single spaces alone."""
    return "".join(character for character in plain_text.plain_line(text) if character.isprintable())


def _statements(tree: ast.AST) -> list[ast.stmt]:
    """Statements in the order of the text. Both trees have the same; positions are what differs."""
    statements: list[ast.stmt] = []
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.stmt):
            statements.append(child)
        statements += _statements(child)
    return statements


def _head_end(node: ast.stmt) -> int:
    """The last line of a statement, of a compound one without the statements in it."""
    if not _statements(node):
        return node.end_lineno or node.lineno
    head = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
    ends: list[int | None] = [getattr(part, "end_lineno", None) for child in head for part in ast.walk(child)]
    return max(node.lineno, *[end for end in ends if end is not None])


def _fits(line: str, comment: str, new: ast.stmt) -> bool:
    return new.lineno == new.end_lineno and len(line) + len(comment) + 2 <= LINE_LIMIT


def _comments(source: str) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it stands alone on its line, of each comment that is plain."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
        if token.type == tokenize.COMMENT and token.string.isprintable() and not token.string.startswith(_RULER):
            yield token.start[0], token.string, not lines[token.start[0] - 1][: token.start[1]].strip()


def _same(text: str, tree: ast.Module) -> bool:
    try:
        return ast.dump(parse_module(text)) == ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError):
        return False
