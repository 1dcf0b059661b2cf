"""What is wrong with data from outside, in words: pydantic speaks of inputs and fields to programmers."""

from __future__ import annotations

from pydantic import ValidationError

from autoreward.plain_text import plain_line

LONGEST = 300  # characters


def first_mistake(error: ValidationError) -> str:
    """The first thing that is wrong, on one line: where it stands, what was seen, what was expected."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if not str(part).startswith(("function-", "tuple[", "float")))
    kind, message = first["type"], first["msg"]
    if kind == "missing":
        said = "is missing"
    elif kind == "extra_forbidden":
        said = "is a name that is not known there"
    elif kind == "value_error":
        said = message.removeprefix("Value error, ")
    elif kind == "model_type":
        said = f"is {first['input']!r:.80}, expected names with values"
    else:
        said = f"is {first['input']!r:.80}: {message.removeprefix('Input ')}"
    join = ": " if kind == "value_error" else " "
    return plain_line(f"{place or 'the whole'}{join}{said}")[:LONGEST]
