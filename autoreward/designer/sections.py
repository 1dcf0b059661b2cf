"""Cuts the answer to a whole round into the replies to its prompts, by the ids that stand in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autoreward.designer.parse import fenced_spans, find_program, one_line_ends

_ID = re.compile(r"\bg\d+c\d+(?:r\d+)?\b")
_HEADING = re.compile(r"^\s{0,3}(?:#{1,6}\s|\*\*|=+\s)")


def split_reply(text: str, ids: Sequence[str], cut: bool = False) -> dict[str, str]:
    """The part of an answer that belongs to each id; ids without a program are left out.

    A heading that names an id begins its part: `## g02c05`. A comment with the id in the first lines of a block
    does too. Where no id stands anywhere, the blocks are taken in the order of the ids if there are as many; a
    single id takes the whole text.

    Args:
        text: the answer as it came.
        ids: of the prompts; a repair `g02c05r1` may also be called by its candidate, `g02c05`.
        cut: the answer ended at a limit on its length: a block that is open at its end is half a program, and none.
    """
    lines = one_line_ends(text).split("\n")
    if cut:
        lines = lines[: next((first for first, last in fenced_spans(lines) if last == len(lines)), len(lines))]
    blocks = list(fenced_spans(lines))
    starts = _starts(lines, blocks, ids) or _unnamed(blocks, ids)
    parts = {}
    for place, (first, name) in enumerate(starts):
        last = starts[place + 1][0] if place + 1 < len(starts) else len(lines)
        part = "\n".join(lines[first:last]).strip() + "\n"
        if find_program(part):
            parts[name] = part
    return parts


def _starts(lines: Sequence[str], blocks: Sequence[tuple[int, int]], ids: Sequence[str]) -> list[tuple[int, str]]:
    """(line, id) of each part, in order of lines; of an id that is named twice, both."""
    names = {name.partition("r")[0]: name for name in ids} | {name: name for name in ids}
    starts: list[tuple[int, str]] = []
    end = 0
    for first, last in [*blocks, (len(lines), len(lines))]:
        for number in range(end, first):  # the lines before this block
            name = _named(lines[number], names) if _HEADING.match(lines[number]) else None
            starts += [(number, name)] if name else []
        # A block that says its own id, unless the heading before it has said the same.
        said = (_named(line, names) for line in lines[first + 1 : min(first + 4, last)] if line.lstrip()[:1] == "#")
        name = next((name for name in said if name), None)
        if name and (not starts or starts[-1][1] != name):
            starts.append((first, name))
        end = last + 1
    return starts


def _named(line: str, names: dict[str, str]) -> str | None:
    """The one id of this round that a line names."""
    named = {names[name] for name in _ID.findall(line) if name in names}
    return named.pop() if len(named) == 1 else None


def _unnamed(blocks: Sequence[tuple[int, int]], ids: Sequence[str]) -> list[tuple[int, str]]:
    if len(ids) == 1:
        return [(0, ids[0])]
    return [(first, name) for (first, _), name in zip(blocks, ids, strict=True)] if len(blocks) == len(ids) else []
