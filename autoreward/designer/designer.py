"""What every designer does: answer one prompt with one completion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from autoreward.records import Completion, Prompt


class Designer(Protocol):
    """Writes reward programs. `complete` is the only thing that can cost money or raise ModelError."""

    @property
    def name(self) -> str:
        """As stored with every completion: "compose", "openai/gpt-5"."""

    @property
    def is_llm(self) -> bool:
        """Whether a language model answers."""

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Called once a round, before the first `complete`, with all of its prompts that have no reply yet.

        Raises:
            WaitingForPersonError: a person has to answer first.
        """

    def complete(self, prompt: Prompt) -> Completion:
        """One reply to one prompt. May be called from several threads at once.

        Raises:
            ModelAccessError: the server refuses this key, model or account.
            ModelOutageError: the server stayed out of reach for longer than the outage budget.
        """

    def stop(self) -> None:
        """Called when the run is being stopped, from another thread: no more waiting for a failing server.

        A request in flight still finishes, so that what was paid for is kept.
        """
