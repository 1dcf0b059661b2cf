"""Prices are exact where the table knows them, and unknown where it does not."""

from __future__ import annotations

import pytest

from autoreward.llm.price import cost_of, estimate
from autoreward.records import Message


def test_a_known_price_by_hand() -> None:
    # gpt-5: 1.25 $ a million tokens in, 10 $ out
    assert cost_of("openai/gpt-5", 1_000_000, 500_000) == pytest.approx(1.25 + 5.0)


@pytest.mark.parametrize("name", ["openai/test-model", "nobody/gpt-5", "openrouter/unheard/of"])
def test_an_unknown_price_is_none(name: str) -> None:
    assert cost_of(name, 1000, 1000) is None
    assert estimate(name, [[Message(role="user", content="x")]], 100).written() == "price unknown"


def test_a_persons_own_server_costs_nothing() -> None:
    assert cost_of("ollama/anything", 10**6, 10**6) == 0.0
    assert estimate("vllm/anything", [[Message(role="user", content="x")]], 100).written() == "no cost"


def test_an_estimate_is_a_range_around_the_expectation() -> None:
    messages = [Message(role="user", content="x" * 15_000)]
    found = estimate("openai/gpt-5", [messages, messages], expected_output_tokens=1000)
    assert found.calls == 2
    assert found.input_tokens == (6_000, 10_000)  # 30 000 characters, 5 to 3 a token
    assert found.output_tokens == (1_000, 4_000)
    assert found.cost == pytest.approx((6_000 * 1.25e-6 + 1_000 * 1e-5, 10_000 * 1.25e-6 + 4_000 * 1e-5))
    assert found.written() == "$0.02 to $0.05"
