"""Tokens and cost of a call: as the server says where that can be, guessed and marked where it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.llm.usage import guessed_tokens, input_tokens, most_tokens, usage_of, worst_case
from autoreward.records import Message

QUESTION = [Message(role="user", content="x" * 400)]  # 100 tokens and a frame of 16


def test_four_bytes_a_token_rounded_up() -> None:
    assert [guessed_tokens(text) for text in ("", "a", "abcd", "abcde", "éé")] == [0, 1, 1, 2, 1]
    assert input_tokens(QUESTION) == 116
    assert most_tokens(QUESTION) == 176  # 400 / 2.5 and the frame


@given(st.lists(st.text(max_size=50), max_size=4))
def test_the_most_is_never_less_than_the_guess(texts: list[str]) -> None:
    messages = [Message(role="user", content=text) for text in texts]
    assert most_tokens(messages) + len(messages) >= input_tokens(messages)


def test_what_the_server_counted_is_taken() -> None:
    told = {
        "prompt_tokens": 120, "completion_tokens": 30, "prompt_tokens_details": {"cached_tokens": 100},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }  # fmt: skip
    usage = usage_of("openai/no-such-model", told, QUESTION, "y" * 40)
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens) == (120, 30, 100, 20)
    assert (usage.estimated, usage.cost, usage.calls) == (False, None, 1)


@pytest.mark.parametrize(
    "told",
    [
        None, "many", {}, {"prompt_tokens": 120}, {"prompt_tokens": "120", "completion_tokens": 10},
        {"prompt_tokens": True, "completion_tokens": 10}, {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": 10**9, "completion_tokens": 10}, {"prompt_tokens": 120, "completion_tokens": -1},
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_guessed(told: Any) -> None:
    usage = usage_of("openai/no-such-model", told, QUESTION, "y" * 40)
    assert (usage.input_tokens, usage.output_tokens, usage.estimated) == (116, 10, True)


def test_thoughts_that_were_not_sent_back_may_fill_the_output_limit() -> None:
    told = {"prompt_tokens": 120, "completion_tokens": 8000}
    assert usage_of("m", told, QUESTION, "y" * 40, output_limit=8192).output_tokens == 8000
    assert usage_of("m", told, QUESTION, "y" * 40).estimated  # more than a hundred times the text


@pytest.mark.parametrize("cached", [-1, 121, True, "5"])
def test_a_part_larger_than_the_whole_is_none(cached: Any) -> None:
    told = {"prompt_tokens": 120, "completion_tokens": 10, "prompt_cache_hit_tokens": cached}
    assert usage_of("m", told, QUESTION, "y" * 40).cached_tokens == 0


def test_the_worst_case_of_a_call() -> None:
    usage = worst_case("openai/no-such-model", QUESTION, 1000)
    assert (usage.calls, usage.input_tokens, usage.output_tokens, usage.cost) == (1, 176, 1000, None)
