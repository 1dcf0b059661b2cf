"""Reads what a language model says of the candidates of a generation, as their critic or analyst."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from autoreward.designer.parse import one_line_ends, unanswered, without_thoughts
from autoreward.plain_text import plain_line
from autoreward.records import Completion, Remark, RemarkKind, Remarks

EACH = 3  # remarks of one candidate that are read
LIMIT = 400  # characters of a text or a proposal
READ_LIMIT = 60_000  # characters of a reply
_JSON = re.compile(r"\{.*\}", re.DOTALL)


def parse_remarks(completion: Completion, kind: RemarkKind, candidates: Collection[str]) -> Remarks:
    """The remarks of a reply about these candidates; whatever else it holds is left out. Never raises."""
    if completion.status != "answered":
        return Remarks(unread=unanswered(completion))
    match = _JSON.search(without_thoughts(one_line_ends(completion.text[:READ_LIMIT])))
    try:
        stated = json.loads(match[0]) if match else None
    except (ValueError, RecursionError):
        stated = None
    listed = stated.get("remarks") if isinstance(stated, Mapping) else None
    if not isinstance(listed, list):
        return Remarks(unread="the answer holds no list of remarks in JSON")
    found: list[Remark] = []
    for one in listed:
        remark = _remark(one, kind, candidates)
        if remark is not None and sum(other.candidate == remark.candidate for other in found) < EACH:
            found.append(remark)
    return Remarks(remarks=tuple(found))


def _remark(stated: Any, kind: RemarkKind, candidates: Collection[str]) -> Remark | None:
    if not isinstance(stated, Mapping) or stated.get("candidate") not in candidates:
        return None
    text, proposal = (_line(stated.get(name)) for name in ("text", "proposal"))
    return Remark(candidate=stated["candidate"], kind=kind, text=text, proposal=proposal) if text else None


def _line(value: Any) -> str:
    return plain_line(value)[:LIMIT] if isinstance(value, str) else ""
