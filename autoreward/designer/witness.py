"""Reads the verdict of a model that looked at frames of the best candidate."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from autoreward.designer.parse import one_line_ends, unanswered, without_thoughts
from autoreward.plain_text import plain_line
from autoreward.records import Completion, Held, WitnessReport

LIMIT = 1_200  # characters of what it saw
_JSON = re.compile(r"\{.*\}", re.DOTALL)
_SAID: Mapping[str, Held] = {"yes": "yes", "no": "no", "unsure": "unsure"}


def parse_witness(seen: Completion, verdict: Completion | None, model: str, candidate: str) -> WitnessReport:
    """What was seen, and whether the sentence holds; where the verdict cannot be read, why. Never raises."""
    if seen.status != "answered" or not seen.text.strip():
        return WitnessReport(model=model, candidate=candidate, unread=unanswered(seen))
    report = WitnessReport(model=model, candidate=candidate, seen=plain_line(without_thoughts(seen.text))[:LIMIT])
    if verdict is not None and verdict.status != "answered":
        return report.model_copy(update={"unread": unanswered(verdict)})
    stated = _stated(verdict) if verdict is not None else None
    if stated is None:
        return report.model_copy(update={"unread": "its verdict cannot be read"})
    why = stated.get("why")
    told = {"best": _held(stated.get("A")), "worst": _held(stated.get("B"))}
    return report.model_copy(update={**told, "why": plain_line(why)[:LIMIT] if isinstance(why, str) else ""})


def _stated(verdict: Completion) -> Mapping[str, Any] | None:
    match = _JSON.search(without_thoughts(one_line_ends(verdict.text[: 10 * LIMIT])))
    try:
        stated = json.loads(match[0]) if match else None
    except (ValueError, RecursionError):
        return None
    return stated if isinstance(stated, Mapping) and "A" in stated else None


def _held(value: Any) -> Held:
    return _SAID.get(value.strip().lower().rstrip("."), "unsure") if isinstance(value, str) else "unsure"
