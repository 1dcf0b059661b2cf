"""Text as it is shown: the one place that makes text of models, servers, files and people harmless to look at.

What is taken out can move a cursor, hide, reorder or make text look like other text: terminal sequences, control
characters, everything that Unicode calls default-ignorable (zero width, soft hyphen, tags, fillers, variation
selectors) and bidirectional marks. Errors are cleaned when they are made, the terminal when it is written to, and
JSON keeps every character, escaped.
"""

from __future__ import annotations

import re

# CSI and OSC sequences and their kin, 7-bit and 8-bit; a string that is never ended goes to the end of its line.
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
# Default_Ignorable_Code_Point of Unicode (bidirectional marks are among them), line separators, interlinear marks.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SURROGATES = "\ud800-\udfff"  # bytes of a file name that are no text; no terminal can be sent one
_REMOVED = re.compile(f"[{_CONTROLS}{_INVISIBLE}]")
_LONE = re.compile(f"[{_SURROGATES}]")
_ESCAPED = re.compile(f"[\x7f-\x9f{_INVISIBLE}{_SURROGATES}]")  # JSON itself escapes the controls below U+0020
REPLACEMENT = "\ufffd"


def plain(text: str) -> str:
    """The text without anything that moves a cursor, hides or reorders; bytes that are no text become U+FFFD.

    Line breaks and tabs stay; carriage returns and their kin become line breaks, so that no line overwrites another.
    """
    text = _LINE_ENDS.sub("\n", text)
    return _LONE.sub(REPLACEMENT, _REMOVED.sub("", _SEQUENCES.sub("", text)))


def plain_line(text: str) -> str:
    """`plain` on one line: every run of white space is one space."""
    return " ".join(plain(text).split())


def escape_json(line: str) -> str:
    """A line of JSON in which what `plain` removes stands as an escape: safe to show, and no text is changed."""
    return _ESCAPED.sub(lambda match: _escape(ord(match.group())), line)


def _escape(code: int) -> str:
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)  # JSON writes what is beyond 16 bits as a pair
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def success_words(sentence: str) -> str:
    """A sentence of success as it goes on after "Success is": models write these words, or leave them out."""
    return re.sub(r"(?i)^\s*success is:?\s+", "", sentence)
