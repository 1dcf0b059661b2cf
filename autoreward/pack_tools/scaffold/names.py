"""Names of a model as names of fields: what a reward program can write as an attribute."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from autoreward.environment.simulation.model import Kind, name_of

# What comes before the sound in the Unicode name of a letter: "CYRILLIC SMALL LETTER ZHE", "HANGUL SYLLABLE GAN".
_SOUND = re.compile(r"(?:LETTER|SYLLABLE|MARK|DIGIT|IDEOGRAPH)[ -](?:SMALL |FINAL |CAPITAL )?([A-Z0-9]+)")


def plain_name(name: str, otherwise: str) -> str:
    """A name in lower case Latin letters, its words joined by single underscores; `otherwise` where nothing is left."""
    latin = "".join(map(_latin, unicodedata.normalize("NFC", name)))
    words = re.sub(r"[^0-9a-z]+", "_", latin.lower()).strip("_") or otherwise
    return f"n{words}" if words[0].isdigit() else words


def part_name(model: Any, kind: Kind, index: int, otherwise: str) -> str:
    """The plain name of a part of a model."""
    return plain_name(name_of(model, kind, index), otherwise)


def body_name(model: Any, body: int) -> str:
    """The plain name of a body."""
    return part_name(model, "body", body, f"body_{body}")


def unique(name: str, taken: set[str]) -> str:
    """The name, or the name with the first number that makes it new; it is taken from then on."""
    numbered, number = name, 2
    while numbered in taken:
        numbered, number = f"{name}_{number}", number + 1
    taken.add(numbered)
    return numbered


def _latin(letter: str) -> str:
    """A letter without its accent, or by the sound in its Unicode name: "é" is "e", "ж" is "zhe"."""
    if letter.isascii():
        return letter
    plain = unicodedata.normalize("NFKD", letter)[0]
    if plain.isascii() and plain.isalnum():
        return plain
    sound = _SOUND.search(unicodedata.name(letter, ""))
    return sound.group(1).lower() if sound else "_"
