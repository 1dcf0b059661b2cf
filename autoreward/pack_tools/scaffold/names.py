"""Names of a model as names of fields: what a reward program can write as an attribute."""

from __future__ import annotations

import re
from typing import Any


def plain_name(name: str, otherwise: str) -> str:
    """A name in lower case, its words joined by single underscores; `otherwise` where nothing is left of it."""
    made = re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_") or otherwise
    return f"n{made}" if made[0].isdigit() else made


def body_name(model: Any, body: int) -> str:
    """The plain name of a body."""
    return plain_name(model.body(body).name, f"body_{body}")


def unique(name: str, taken: set[str]) -> str:
    """The name, or the name with the first number that makes it new; it is taken from then on."""
    made, number = name, 2
    while made in taken:
        made, number = f"{name}_{number}", number + 1
    taken.add(made)
    return made
