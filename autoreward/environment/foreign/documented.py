"""Names of the numbers of an observation, where the environment's documentation has a table of them."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

from autoreward.environment.foreign.meanings import TELLS_REWARD
from autoreward.environment.foreign.spaces import identifier

UNITS = {"position (m)": "m", "angle (rad)": "rad", "velocity (m/s)": "m/s", "angular velocity (rad/s)": "rad/s"}
LONGEST_NAME = 40
LONGEST_TERMINATION = 400
LONGEST_DOCUMENTATION = 12_000  # characters
_TOLD = re.compile(r"reward|score|solved", re.IGNORECASE)


@dataclass(frozen=True)
class DocumentedNumber:
    """One number of the observation."""

    name: str  # an identifier
    meaning: str
    unit: str  # "unknown" where the table does not say


def documented_numbers(env: Any, size: int) -> tuple[DocumentedNumber, ...]:
    """The rows of the table `| Num | Observation | ...`, if there are as many as numbers; else none.

    Only the table is read: the same text says how the environment pays.
    """
    lines = [line.strip() for line in inspect.cleandoc(type(env).__doc__ or "").splitlines()]
    for place, line in enumerate(lines):
        heads = [cell.lower() for cell in _cells(line)]
        if len(heads) >= 2 and heads[0] == "num" and heads[1].startswith("observation"):
            rows = _rows(lines[place + 1 :])
            if len(rows) == size:
                return _unique([_number(heads, cells) for cells in rows])
    return ()


def documented_end(env: Any) -> str:
    """What the documentation says of when an episode terminates; "" where it says nothing that can be shown."""
    text = inspect.cleandoc(type(env).__doc__ or "")
    found = re.search(
        r"#+ (?:Episode End|Episode Termination|Starting State and Episode End).*?\n(.*?)(?=\n#|\Z)", text, re.DOTALL
    )
    lines = [line.strip(" -*1234567890.") for line in found.group(1).splitlines()] if found else []
    told = [line.removeprefix("Termination:").strip() for line in lines if line.lower().startswith("termination")]
    kept = "; ".join(line for line in told if not _TOLD.search(line))
    return " ".join(kept.split())[:LONGEST_TERMINATION]


def documentation(env: Any) -> str:
    """What its author wrote of an environment, without the parts and sentences that tell how it pays."""
    kept, skipping = [], 0
    for line in inspect.cleandoc(type(env).__doc__ or "").splitlines():
        heading = re.match(r"(#+)\s", line)
        if heading:
            depth = len(heading[1])
            if not skipping or depth <= skipping:
                skipping = depth if TELLS_REWARD.search(line) else 0
        if not skipping and not TELLS_REWARD.search(line):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()[:LONGEST_DOCUMENTATION]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []


def _rows(lines: list[str]) -> list[list[str]]:
    """The cells of the rows that are numbered 0, 1, ..."""
    rows: list[list[str]] = []
    for line in lines:
        cells = _cells(line)
        if not cells:
            break
        if cells[0] == str(len(rows)):
            rows.append(cells)
    return rows


def _number(heads: list[str], cells: list[str]) -> DocumentedNumber:
    meaning = re.sub(r"[`*$]|<sub>|</sub>", "", cells[1])
    name = identifier(re.sub(r"\s\(.*?\)", "", meaning.partition("=")[2] or meaning))
    name = name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME].rpartition("_")[0]
    stated = [cells[place] for place, head in enumerate(heads) if "unit" in head and place < len(cells)]
    unit = UNITS.get(stated[0].lower(), "unknown") if stated else _unit_in(" ".join(cells))
    return DocumentedNumber(name or f"observation_{cells[0]}", meaning, unit)


def _unit_in(text: str) -> str:
    return "rad" if re.search(r"\brad\b", text) else "unknown"


def _unique(numbers: list[DocumentedNumber]) -> tuple[DocumentedNumber, ...]:
    names = [number.name for number in numbers]
    return () if len(set(names)) < len(names) or not all(map(str.isidentifier, names)) else tuple(numbers)
