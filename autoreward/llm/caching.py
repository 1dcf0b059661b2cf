"""Prompt caches: most providers find the common head of two prompts themselves, some want it marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_MARKED = ("anthropic/", "claude")  # in a model's name: the cache keeps what a mark says


def common_head(texts: Sequence[str]) -> int:
    """How many characters all of these texts begin with."""
    first, last = min(texts), max(texts)
    return next((place for place, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first))


def wants_marks(name: str) -> bool:
    """Whether the provider of "provider/model" caches only what is marked."""
    return any(part in name.lower() for part in _MARKED)


def marked(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with a mark behind the first one, which all prompts of a run share: contract and environment."""
    if not messages or not isinstance(messages[0]["content"], str):
        return list(messages)
    part = {"type": "text", "text": messages[0]["content"], "cache_control": {"type": "ephemeral"}}
    return [{**messages[0], "content": [part]}, *messages[1:]]
