"""Tokens and cost of a call: as the server counts them where that can be, else guessed from the length of the texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autoreward.llm.price import cost_of
from autoreward.records import Message, Usage

_BYTES_A_TOKEN = 4.0  # of English and code, about
_FEWEST_BYTES = 2.5  # the most tokens that a text can be expected to have
_ABSURD = 100  # times what the text lets expect, either way
_FRAME = 16  # tokens around each message
_IMAGE = 400  # tokens of a small picture, about
_MOST_IMAGE = 2_000  # the most that providers count for one


def guessed_tokens(text: str) -> int:
    """About how many tokens a text has."""
    return -(-len(text.encode("utf-8", "replace")) // int(_BYTES_A_TOKEN))


def input_tokens(messages: Sequence[Message]) -> int:
    """About how many tokens a question has."""
    return sum(guessed_tokens(one.content) + _FRAME + _IMAGE * len(one.images) for one in messages)


def most_tokens(messages: Sequence[Message]) -> int:
    """The most tokens that a question can be expected to have."""
    size = sum(len(message.content.encode("utf-8", "replace")) for message in messages)
    pictures = _MOST_IMAGE * sum(len(message.images) for message in messages)
    return int(size / _FEWEST_BYTES) + _FRAME * len(messages) + pictures


def worst_case(name: str, messages: Sequence[Message], output_limit: int) -> Usage:
    """The most that one call may cost: every token of the question, and the whole output limit."""
    most = most_tokens(messages)
    return Usage(
        calls=1, input_tokens=most, output_tokens=output_limit, cost=cost_of(name, most, output_limit), estimated=True
    )


def usage_of(
    name: str, reported: Any, messages: Sequence[Message], output: str, output_limit: int | None = None
) -> Usage:
    """What one answered call took.

    Args:
        name: "provider/model", for the price.
        reported: the usage in the server's answer: an object, or anything else.
        messages: of the question.
        output: all that the model wrote, thoughts too.
        output_limit: that was sent.
    """
    expected = (input_tokens(messages), guessed_tokens(output))
    said = reported if isinstance(reported, Mapping) else {}
    given = (_first(said, "prompt_tokens", "input_tokens"), _first(said, "completion_tokens", "output_tokens"))
    upper = max(expected[1], output_limit or 0)
    usable = _fits(given[0], expected[0], expected[0]) and _fits(given[1], expected[1], upper)
    tokens = (given[0], given[1]) if usable else expected
    assert isinstance(tokens[0], int) and isinstance(tokens[1], int), "both fit, or both are guessed"
    cached = _part_of(_first(_inner(said, "prompt_tokens_details"), "cached_tokens"), tokens[0])
    cached = cached or _part_of(_first(said, "prompt_cache_hit_tokens", "cache_read_input_tokens"), tokens[0])
    reasoning = _part_of(_first(_inner(said, "completion_tokens_details"), "reasoning_tokens"), tokens[1])
    return Usage(
        calls=1,
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cached_tokens=cached if usable else 0,
        reasoning_tokens=reasoning if usable else 0,
        cost=cost_of(name, tokens[0], tokens[1], cached if usable else 0),
        estimated=not usable,
    )


def _fits(given: Any, expected: int, upper: int) -> bool:
    """Whether a count of tokens can be true of the text it is about."""
    if not isinstance(given, int) or isinstance(given, bool):
        return False
    return max(1, expected // _ABSURD) <= given <= _ABSURD * (upper + _FRAME) if expected else given >= 0


def _part_of(given: Any, whole: int) -> int:
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= whole else 0


def _inner(reported: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = reported.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _first(reported: Mapping[str, Any], *names: str) -> Any:
    return next((reported[name] for name in names if reported.get(name) is not None), None)
