"""Makes text from a model, a server or a person safe to print on a terminal."""

from __future__ import annotations

import re

# CSI and OSC sequences and their kin, 7-bit and 8-bit; a string that is never ended goes to the end of its line.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # zero width, and text direction


def plain(text: str) -> str:
    """The text without terminal escapes, control characters, invisible and direction-changing characters.

    Line breaks and tabs stay; carriage returns become line breaks, so that no line can overwrite another.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", _CONTROLS.sub("", _ESCAPES.sub("", text)))
