"""Reads the pairs that a language model writes as tests of meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from autoreward.designer.parse import one_line_ends, without_thoughts
from autoreward.plain_text import plain_line
from autoreward.records import Completion, Property
from autoreward.records.properties import MOST
from autoreward.validation import first_mistake

READ_LIMIT = 60_000  # characters of a reply
_JSON = re.compile(r"\{.*\}|\[.*\]", re.DOTALL)
_TEXTS = ("words", "why")


def parse_properties(completion: Completion) -> tuple[tuple[Property, ...], tuple[str, ...]]:
    """The pairs of a reply, and what is wrong with those that cannot be read. Never raises."""
    if completion.status != "answered":
        return (), (f"the model gave no pairs: {completion.status}",)
    listed = _listed(without_thoughts(one_line_ends(completion.text[:READ_LIMIT])))
    if listed is None:
        return (), ("the reply holds no list of pairs in JSON",)
    if not listed:
        return (), ("the list of pairs in the reply is empty",)
    pairs: list[Property] = []
    wrong: list[str] = []
    for number, one in enumerate(listed[:MOST], start=1):
        try:
            pairs.append(Property.model_validate(_shown(one)))
        except ValidationError as error:
            wrong.append(f"pair {number}: {first_mistake(error)}")
    if len(listed) > MOST:
        wrong.append(f"the last {len(listed) - MOST} pairs: at most {MOST} are read")
    return tuple(pairs), tuple(wrong)


def _listed(text: str) -> list[Any] | None:
    match = _JSON.search(text)
    try:
        stated = json.loads(match[0]) if match else None
    except (ValueError, RecursionError):
        return None
    if isinstance(stated, Mapping):
        stated = stated.get("pairs")
    return stated if isinstance(stated, list) else None


def _shown(value: Any) -> Any:
    """The same with words fit to be shown."""
    if not isinstance(value, Mapping):
        return value
    return {
        key: plain_line(one) if key in _TEXTS and isinstance(one, str) else _shown(one) for key, one in value.items()
    }
