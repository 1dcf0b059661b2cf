"""Finds the reward program in a reply. Never raises: where there is none, the source is empty."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence

from autoreward.designer.program import read_origin
from autoreward.records import Candidate, Completion

_FENCE = re.compile(r"^\s*(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
_PROGRAM = re.compile(r"^\s*def\s+(?:reward_terms|potential)\b", re.MULTILINE)
_CODE_LINE = re.compile(r"^(?:\"\"\"|'''|import\s|from\s|WEIGHTS\b|PARAMS\b|def\s)")
_TRIES = 200  # lines of prose after an unfenced program that are looked at


def parse(
    completion: Completion, candidate_id: str, generation: int, parents: Sequence[str] = (), attempts: int = 1
) -> Candidate:
    """The candidate that a reply holds; its source is "" where there is no program.

    Of several fenced blocks the last one with a program counts. The embedded designer states in the program which
    candidates it varied; these are the parents then.
    """
    source = find_program(completion.text)
    return Candidate(
        id=candidate_id,
        generation=generation,
        parents=read_origin(source) or tuple(parents),
        source=source,
        designer=completion.designer,
        attempts=attempts,
    )


def find_program(text: str) -> str:
    """The program inside a reply, or ""."""
    text = _THOUGHT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    blocks = list(_blocks(text))
    programs = [block for block in blocks if _PROGRAM.search(block)]
    if programs:
        return _tidy(programs[-1])
    if blocks:
        return _tidy(max(blocks, key=len))
    return _tidy(_unfenced(text)) if _PROGRAM.search(text) else ""


def _blocks(text: str) -> Iterator[str]:
    """The contents of fenced blocks."""
    lines = text.split("\n")
    for first, last in fenced_spans(lines):
        yield "\n".join(lines[first + 1 : last])


def fenced_spans(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines of the opening and the closing fence of each block; one that is never closed reaches to the end."""
    mark, first = "", 0
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if not mark and fence and "`" not in fence["info"]:
            mark, first = fence["mark"], number
        elif mark and fence and fence["mark"].startswith(mark) and not fence["info"].strip():
            yield first, number
            mark = ""
    if mark:
        yield first, len(lines)


def _unfenced(text: str) -> str:
    """A program that stands in prose: from its first line of code, up to where it stops being Python."""
    lines = text.split("\n")
    start = next((index for index, line in enumerate(lines) if _CODE_LINE.match(line)), 0)
    for end in range(len(lines), max(start, len(lines) - _TRIES), -1):
        attempt = "\n".join(lines[start:end])
        if _PROGRAM.search(attempt) and _is_python(attempt):
            return attempt
    return "\n".join(lines[start:])


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def _tidy(source: str) -> str:
    source = textwrap.dedent(source.expandtabs(4)).strip("\n")
    return source.rstrip() + "\n" if source.strip() else ""
