"""What a language model is to this package: a name, and an answer to a list of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from autoreward.records import Message, Usage


@dataclass(frozen=True)
class Reply:
    """One answer and what it cost."""

    text: str
    usage: Usage


class ChatModel(Protocol):
    """A chat model behind any provider. `ask` may be called from several threads at once."""

    @property
    def name(self) -> str:
        """Provider and model, "openai/gpt-5", as stored with every completion."""

    def ask(self, messages: Sequence[Message]) -> Reply:
        """One answer.

        Raises:
            ModelAccessError: the server refuses this key, model, account or request; another try cannot help.
            ModelOutageError: the server stayed out of reach for longer than the outage budget.
        """

    def stop(self) -> None:
        """Ends waiting between tries, in all threads; a request in flight still finishes."""
