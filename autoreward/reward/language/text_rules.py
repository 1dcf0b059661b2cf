"""Text rules: what a source may look like before it is parsed."""

from __future__ import annotations

import io
import re
import tokenize

from autoreward.records import Finding
from autoreward.reward.language.grammar import SOURCE_LIMIT

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0d\ufeff\uffa0"
    "\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
"""Control, direction, zero-width, filler, tag and private characters: a reader does not see what Python reads."""


def text_findings(source: str) -> list[Finding]:
    """What is wrong with the text of a program, before it is parsed. Empty: it may be parsed."""
    try:
        size = len(source.encode("utf-8"))
    except UnicodeEncodeError:
        return [_finding("static.text", None, "the file is not UTF-8 text", "Save it as UTF-8.")]
    if size > SOURCE_LIMIT:
        message = f"the file has {size} bytes, at most {SOURCE_LIMIT} are read"
        return [_finding("static.size", None, message, "Write a shorter program: a reward is a few formulas.")]
    return layout_findings(source)


def layout_findings(source: str) -> list[Finding]:
    """What makes a text another one to Python than to its reader: an encoding of its own, invisible characters."""
    return [*_cookie_findings(source), *_invisible_findings(source)]


def identifier_findings(source: str) -> list[Finding]:
    """Names outside ASCII. Python folds look-alikes into plain letters, so the text would lie about the program."""
    if source.isascii():
        return []
    findings = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in (tokenize.NAME, tokenize.ERRORTOKEN, tokenize.OP) and not token.string.isascii():
                message = f"the name {token.string!r} has characters outside ASCII"
                findings.append(_finding("static.text", token.start[0], message, "Use plain letters in names."))
    except (tokenize.TokenError, SyntaxError, ValueError):  # ValueError: Python 3.12 cuts a letter after a lone \r
        findings.append(_finding("static.text", None, "the text cannot be split into tokens", "Use plain ASCII."))
    return findings


def _cookie_findings(source: str) -> list[Finding]:
    for number, line in enumerate(source.split("\n", 2)[:2], start=1):
        match = _COOKIE.match(line)
        if match and match.group(1).lower().replace("_", "-") not in ("utf-8", "utf8"):
            message = f"the file declares the encoding {match.group(1)!r}"
            return [_finding("static.text", number, message, "Remove the coding line: programs are UTF-8.")]
    return []


def _invisible_findings(source: str) -> list[Finding]:
    match = _INVISIBLE.search(source)
    if match is None:
        return []
    line = source.count("\n", 0, match.start()) + 1
    message = f"the invisible character U+{ord(match.group()):04X} stands in the text"
    return [_finding("static.text", line, message, "Remove it: only visible text, spaces and line ends are allowed.")]


def _finding(rule: str, line: int | None, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity="error", line=line, message=message, remedy=remedy)
