"""What a language model is to this package: a name, and an answer to a list of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from autoreward.records import Message, Usage

ReplyStatus = Literal["answered", "cut", "refused", "too_long", "failed"]


@dataclass(frozen=True)
class Reply:
    """One answer and what it cost; see `records.Completion` for what each status means."""

    text: str
    usage: Usage
    status: ReplyStatus = "answered"
    finish_reason: str | None = None
    model: str | None = None  # that answered, as the server says it
    latency: float | None = None  # [s] of the request that was answered
    tries: int = 1
    notes: tuple[str, ...] = ()


class ChatModel(Protocol):
    """A chat model behind any provider. `ask` may be called from several threads at once."""

    @property
    def name(self) -> str:
        """Provider and model, "openai/gpt-5", as stored with every completion."""

    def ask(self, messages: Sequence[Message], room: int = 1, temperature: float | None = None) -> Reply:
        """One answer, or the server's words on why it has none for these messages.

        Args:
            room: for the reply, in output limits.
            temperature: of this answer; None: that of the model.

        Raises:
            ModelAccessError: the server refuses this key, model or account, or is none; another try cannot help.
            ModelOutageError: the server stayed out of reach for longer than the outage budget.
        """

    def stop(self) -> None:
        """Ends waiting between tries, in all threads; a request in flight still finishes."""
