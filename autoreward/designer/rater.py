"""Reads which of two episodes a model that looked at frames prefers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autoreward.designer.parse import one_line_ends, unanswered, without_thoughts
from autoreward.plain_text import plain_line
from autoreward.records import Completion, Judgement

LIMIT = 300  # characters of a reason
READ_LIMIT = 12_000  # characters of a reply
_JSON = re.compile(r"\{.*\}", re.DOTALL)
_SAID: Mapping[str, Judgement] = {"a": "a", "b": "b", "tie": "tie", "both bad": "both_bad", "both_bad": "both_bad"}


@dataclass(frozen=True)
class Seen:
    """What a model says of two episodes; `verdict` None: it cannot be read, and `why` says what is wrong."""

    verdict: Judgement | None
    why: str = ""


def parse_rating(completion: Completion) -> Seen:
    """The verdict of a reply, where "a" is what it saw first. Never raises."""
    if completion.status != "answered":
        return Seen(None, unanswered(completion))
    match = _JSON.search(without_thoughts(one_line_ends(completion.text[:READ_LIMIT])))
    try:
        stated: Any = json.loads(match[0]) if match else None
    except (ValueError, RecursionError):
        stated = None
    better = stated.get("better") if isinstance(stated, Mapping) else None
    verdict = _SAID.get(better.strip().lower().rstrip(".")) if isinstance(better, str) else None
    if verdict is None:
        return Seen(None, "its answer names neither A nor B")
    why = stated.get("why")
    return Seen(verdict, plain_line(why)[:LIMIT] if isinstance(why, str) else "")
