"""Text that wants to steer a terminal, hide or reorder; and whether a character may be shown."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

HOSTILE = (
    "\x1b[31m", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\", "\x9b2J", "\x9d52;c;eA==\x9c", "\x1bc",
    "\x00", "\x08", "\r", "\x7f", "\x85", "\u202e", "\u2066", "\u200b", "\u200f", "\u2028", "\u2029",
    "\u061c", "\u00ad", "\ufeff", "\u2060", "\u3164", "\ufff9",
    "\U000e0041", "\U000e007f", "\U000e0100", "\udc80", "\ud800",
)  # fmt: skip
ANY_TEXT = st.lists(st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=4), max_size=12).map("".join)
"""Any characters, lone surrogates among them, and often the hostile ones."""

# Of the category "format", but drawn: the number signs of Arabic, Syriac and Kaithi (0x13430 on: Egyptian joiners).
_VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"


def is_hidden(letter: str) -> bool:
    """Whether a character steers, hides or reorders: by its category in Unicode, which the code does not look at."""
    visible = letter in "\n\t" or letter in _VISIBLE_FORMATS or 0x13430 <= ord(letter) <= 0x1343F
    return not visible and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")
