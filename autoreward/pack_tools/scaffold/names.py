"""Names of a model as names of fields: what a reward program can write as an attribute."""

from __future__ import annotations

import re
from typing import Any


def plain_name(name: str, otherwise: str) -> str:
    """A name in lower case, its words joined by single underscores; `otherwise` where nothing is left of it."""
    words = re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_") or otherwise
    return f"n{words}" if words[0].isdigit() else words


def body_name(model: Any, body: int) -> str:
    """The plain name of a body."""
    return plain_name(model.body(body).name, f"body_{body}")


def unique(name: str, taken: set[str]) -> str:
    """The name, or the name with the first number that makes it new; it is taken from then on."""
    numbered, number = name, 2
    while numbered in taken:
        numbered, number = f"{name}_{number}", number + 1
    taken.add(numbered)
    return numbered
