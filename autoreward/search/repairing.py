"""The loop in which programs are asked for, read and judged, and what was refused goes back with its findings.

Rewards and success metrics are written in it; how a reply is read, and what refuses it, is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from pydantic import BaseModel

from autoreward.designer.prompts import one_line, render_repair
from autoreward.records import Completion, Finding, Prompt
from autoreward.search.calls import SAID

R = TypeVar("R", bound=BaseModel)


class Asker(Protocol):
    """Asks a designer, and keeps what was asked and found; see `asking.LedgerAsker`."""

    def once(self, kind: str, key: str, model: type[R], compute: Callable[[], R]) -> R:
        """The kept result of this kind and key, or a new one."""

    def keep(self, key: str, write: Callable[[], Sequence[Prompt]]) -> tuple[Prompt, ...]:
        """The prompts of a round, written once."""

    def answer(self, prompts: Sequence[Prompt]) -> Mapping[str, Completion]:
        """One completion a prompt, by its id."""

    def as_asked(self, prompt: Prompt) -> Prompt:
        """The prompt as it was put anew, if it was; else the prompt itself."""


@dataclass(frozen=True)
class Attempt:
    """The program in one reply, and why it goes back, if it does."""

    source: str
    refused: bool
    findings: tuple[Finding, ...] = ()


Read = Callable[[Sequence[Prompt], Mapping[str, Completion], int], Mapping[str, Attempt]]
"""What the replies to a round of prompts came to, by prompt id; the number counts the rounds from 1."""


def write_and_repair(asker: Asker, key: str, prompts: Sequence[Prompt], repairs: int, read: Read) -> None:
    """Ask prompts, and send back what is refused, as often as `repairs` says.

    What a model declined, or could not say, is not asked for again.

    Args:
        key: of the round; that of its first repairs is "g02r1".
        read: reads and judges the replies of each round; whoever calls keeps what it finds.
    """
    for number in range(1, repairs + 2):
        replies = asker.answer(prompts)
        attempts = read(prompts, replies, number)
        answered = [prompt for prompt in prompts if replies[prompt.id].status == "answered"]
        refused = [prompt for prompt in answered if attempts[prompt.id].refused]
        if not refused or number > repairs:
            return
        prompts = asker.keep(f"{key}r{number}", partial(_repairs, asker, refused, attempts))


def _repairs(asker: Asker, refused: Sequence[Prompt], attempts: Mapping[str, Attempt]) -> list[Prompt]:
    """Prompts that send refused programs back with their findings."""
    tried = [(prompt, attempts[prompt.id]) for prompt in refused]
    return [render_repair(asker.as_asked(prompt), attempt.source, attempt.findings) for prompt, attempt in tried]


_NO_PROGRAM = {
    "answered": "the reply holds no fenced code block with {what}",
    "cut": "the reply was cut off by the output limit, also when a shorter one was asked for",
    "refused": "the model declined",
    "too_long": "the prompt is longer than the model can read",
    "failed": "the server does not answer this prompt",
}
_NO_PROGRAM_REMEDY = {
    "answered": "Answer with the whole program in one ```python block.",
    "cut": "Give it more room with --max-output-tokens, or choose a model that thinks less.",
    "refused": "Say the task in other words, or choose another model.",
    "too_long": "Choose a model with a larger context, or a smaller --max-output-tokens.",
    "failed": "See what the server says; other prompts may be answered.",
}


def no_program(name: str, reply: Completion | None, what: str) -> Finding:
    """Why a reply holds nothing to check, with the words that came instead.

    Args:
        name: of what was asked for.
        what: kind of program, with its article.
    """
    status = reply.status if reply else "answered"
    said = one_line(reply.text, SAID) if reply else ""
    quoted = f'; it begins: "{said}"' if status in ("answered", "cut") else f': "{said}"'
    return Finding(
        rule="reply.no_program" if status == "answered" else f"reply.{status}",
        severity="error",
        message=f"{name}: {_NO_PROGRAM[status].format(what=what)}{quoted if said else ''}.",
        remedy=_NO_PROGRAM_REMEDY[status],
    )
