"""Counts the input tokens of a stored run, as its prompts were rendered: one call a candidate, and one a generation.

    python -m tests.designer.measure_prompts RUN_FOLDER

Tokens are guessed, four bytes each. "Cached" is the head of a prompt that an earlier one of the run has sent: what a
provider with a prompt cache reads for a tenth to a half of the price. Repairs are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autoreward.designer.prompts import render_together
from autoreward.ledger import Run
from autoreward.llm.caching import common_head
from autoreward.llm.usage import guessed_tokens
from autoreward.records import Prompt
from autoreward.search.events import PROMPTS, PromptSet
from autoreward.search.together import together_id


@dataclass(frozen=True)
class Count:
    """Input tokens of the calls of a run."""

    calls: int
    tokens: int
    cached: int


def count(prompts: Sequence[Prompt]) -> Count:
    """Calls in the order in which they are sent."""
    texts = ["\0".join(message.content for message in prompt.messages) for prompt in prompts]
    heads = [max((common_head([text, earlier]) for earlier in texts[:n]), default=0) for n, text in enumerate(texts)]
    cached = sum(guessed_tokens(text[:head]) for text, head in zip(texts, heads, strict=True))
    return Count(len(texts), sum(map(guessed_tokens, texts)), cached)


def generations(run: Run) -> list[tuple[Prompt, ...]]:
    """The prompts of each generation, one a candidate."""
    keys = [event for event in run.events(PROMPTS) if event.key[1:].isdigit()]
    return [event.record(PromptSet).prompts for event in keys]


def together(asked: Sequence[Sequence[Prompt]]) -> list[Prompt]:
    """The same generations, each asked at once."""
    return [render_together(prompts, together_id(prompts[0].reward_brief.generation)) for prompts in asked]


def main(folder: str) -> None:
    """Print both counts."""
    with Run.open(Path(folder), write=False) as run:
        asked = generations(run)
    single = [prompt for prompts in asked for prompt in prompts]
    for name, prompts in (("candidate", single), ("generation", together(asked))):
        told = count(prompts)
        sys.stdout.write(
            f"--ask {name:10} {told.calls:3} calls {told.tokens:8,} input tokens, {told.cached:8,} of them cached\n"
        )
    for prompts in asked:
        sizes = [guessed_tokens(message.content) for message in prompts[0].messages]
        sys.stdout.write(f"  {prompts[0].id}: {sizes[0]:,} + {sizes[1]:,} tokens\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
