"""Numbers, tuples and declarations as they stand in a generated file."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autoreward.number_format import float_literal

if TYPE_CHECKING:
    from autoreward.pack_tools.scaffold.drafts import Draft

WIDTH = 116  # [characters], less than a line may have, for what follows a tuple


def number(value: float) -> str:
    """A float with at most six digits: `0.5`, `-3.0`."""
    return float_literal(value, digits=6)


def literal(text: str) -> str:
    """A string in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def numbers(values: Sequence[float]) -> str:
    """A tuple of floats on one line."""
    return _tuple([number(value) for value in values])


def strings(values: Sequence[str]) -> str:
    """A tuple of strings on one line."""
    return _tuple([literal(value) for value in values])


def long_numbers(values: Sequence[float]) -> str:
    """A tuple of floats, on several lines where one is too short."""
    return _wrapped([number(value) for value in values], "")


def long_text(text: str) -> str:
    """A string in double quotes, on several lines where one is too short."""
    if len(text) < WIDTH - 20:
        return literal(text)
    lines = textwrap.wrap(text, WIDTH - 10, drop_whitespace=False, break_on_hyphens=False)
    return "\n".join(["(", *(f"    {literal(line)}" for line in lines), ")"])


def facts(draft: Draft) -> list[str]:
    """The lines that declare a field, without its name."""
    where = [f"shape={_tuple([str(size) for size in draft.shape])}"] if draft.shape else []
    where += [f"unit={literal(draft.unit)}"]
    where += [f"frame={literal(draft.frame)}"] if draft.frame != "none" else []
    where += [] if draft.observable else ["observable=False"]
    where += ["constant=True"] if draft.constant else []
    lines = [", ".join(where) + ","]
    if draft.components:
        wrapped = _wrapped([literal(one) for one in draft.components], " " * 8)
        lines += f"components={wrapped},".split("\n")
    return [*(line.removeprefix(" " * 8) for line in lines), *_meaning(draft.meaning)]


def sentences(names: Sequence[str], last: str = "and") -> str:
    """A list in words: `a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def _meaning(meaning: str) -> list[str]:
    lines = textwrap.wrap(meaning, WIDTH - 24, drop_whitespace=False, break_on_hyphens=False)
    if len(lines) == 1:
        return [f"meaning={literal(meaning)},"]
    return ["meaning=(", *(f"    {literal(line)}" for line in lines), "),"]


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _wrapped(items: Sequence[str], indent: str) -> str:
    if len(one_line := _tuple(items)) + len(indent) + 16 <= WIDTH:
        return one_line
    lines = [""]
    for item in items:
        if lines[-1] and len(indent) + len(lines[-1]) + len(item) > WIDTH - 8:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{item},"
    return "\n".join(["(", *(f"{indent}    {line}" for line in lines), f"{indent})"])
