"""Prices of models, from the tables of the `genai-prices` package, offline. An unknown price is None, never 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autoreward.records import Message

LOCAL_PROVIDERS = frozenset({"ollama", "lmstudio", "vllm"})
"""Servers that a person runs: asking them costs no money."""

_PROVIDERS = {"gemini": "google", "vertex_ai": "google", "xai": "x-ai", "bedrock": "aws"}  # as the tables call them
_CHARACTERS_A_TOKEN = (5.0, 3.0)  # of English and code, at most and at least


@dataclass(frozen=True)
class Estimate:
    """What a number of calls may cost before any is made."""

    calls: int
    input_tokens: tuple[int, int]  # at least, at most
    output_tokens: tuple[int, int]
    cost: tuple[float, float] | None  # [USD]; None: the price is unknown

    def written(self) -> str:
        """For a person: "$0.12 to $0.40", or that it is not known."""
        if self.cost is None:
            return "price unknown"
        low, high = self.cost
        return "no cost" if high == 0 else f"${low:.2f} to ${high:.2f}"


def is_free(name: str) -> bool:
    """Whether "provider/model" is served by a program that a person runs."""
    return name.partition("/")[0] in LOCAL_PROVIDERS


def cost_of(name: str, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float | None:
    """The price of so many tokens of a model [USD].

    Args:
        cached_tokens: of the input tokens: read from the provider's cache, which is cheaper.
        name: "provider/model". Servers that a person runs are free; a model in no table has no known price.
    """
    if is_free(name):
        return 0.0
    provider, _, model = name.removeprefix("litellm/").partition("/")
    from genai_prices import Usage, calc_price

    try:
        usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=cached_tokens or None)
        return float(calc_price(usage, model_ref=model, provider_id=_PROVIDERS.get(provider, provider)).total_price)
    except (LookupError, ValueError):
        return None


def count_tokens(characters: float) -> tuple[int, int]:
    """How many tokens so many characters of English and code are, at least and at most."""
    least, most = (round(characters / size) for size in _CHARACTERS_A_TOKEN)
    return least, most


def estimate(name: str, prompts: Sequence[Sequence[Message]], expected_output_tokens: int) -> Estimate:
    """The range that these prompts may cost: tokens guessed from characters, replies of half to twice the length.

    Args:
        name: "provider/model".
        prompts: the messages of each call.
        expected_output_tokens: of one reply.
    """
    characters = sum(len(message.content) for messages in prompts for message in messages)
    least, most = count_tokens(characters)
    outputs = (len(prompts) * expected_output_tokens // 2, len(prompts) * expected_output_tokens * 2)
    low, high = cost_of(name, least, outputs[0]), cost_of(name, most, outputs[1])
    cost = None if low is None or high is None else (low, high)
    return Estimate(len(prompts), (least, most), outputs, cost)
