"""A chat model behind any server that speaks the OpenAI protocol: OpenAI, vLLM, Ollama, LM Studio, OpenRouter."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autoreward.llm.address import address_of, is_loopback
from autoreward.llm.asking import Asker, ComplaintError
from autoreward.llm.caching import marked, wants_marks
from autoreward.llm.chat_model import Reply
from autoreward.llm.deadline import client_with_deadline
from autoreward.llm.manners import Manners
from autoreward.llm.reading import read_body
from autoreward.llm.retry import RetryPolicy
from autoreward.llm.trouble import Place, complaint_of, sorted_error
from autoreward.records import Message

if TYPE_CHECKING:
    from openai import OpenAI

USUAL_TEMPERATURE = 1.0
"""What servers take when nothing is said; it is then not sent, because some models refuse the setting."""
OUTPUT_LIMIT = 16_384  # [tokens] of a reply, where nothing else is said


@dataclass
class OpenAIModel:
    """One model on one server. `ask` may be called from several threads at once."""

    name: str  # "openai/gpt-5"
    retries: RetryPolicy
    base_url: str | None = None  # None: OpenAI itself
    api_key: str | None = field(default=None, repr=False)
    temperature: float = USUAL_TEMPERATURE
    request_timeout: float = 600.0  # [s], one request in total
    output_limit: int = OUTPUT_LIMIT
    secrets: tuple[str, ...] = field(default=(), repr=False)  # further ones than the key

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._client: OpenAI | None = None
        self._place = Place(self.name, address_of(self.base_url), self.api_key)
        keys = (self.api_key,) if self.api_key else ()
        # OpenAI's own newer models refuse the old name, other servers may not know the new one.
        manners = Manners(
            self.output_limit,
            "max_tokens" if self.base_url else "max_completion_tokens",
            None if self.temperature == USUAL_TEMPERATURE else self.temperature,
        )
        self._asker = Asker(self._place, self.retries, manners, self._send, (*keys, *self.secrets))

    def ask(self, messages: Sequence[Message], room: int = 1, temperature: float | None = None) -> Reply:
        """One answer; failures are retried as the policy says, never by the library below.

        Raises:
            ModelAccessError: the server refuses this key, model or account, or is none.
            ModelOutageError: the server stayed out of reach for longer than the outage budget.
        """
        return self._asker.ask(messages, room, temperature)

    def _send(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        import openai

        if wants_marks(self.name):
            asked = {**asked, "messages": marked(asked["messages"])}
        try:
            raw = self._connected().chat.completions.with_raw_response.create(
                model=self.name.partition("/")[2], **asked
            )
        except openai.APIStatusError as error:
            raise ComplaintError(complaint_of(error)) from None  # the original holds the request
        except openai.OpenAIError as error:
            raise sorted_error(error, self._place) from None
        return read_body(raw.content, self._place)

    def _connected(self) -> OpenAI:
        from openai import OpenAI

        with self._lock:
            if self._client is None:
                self._client = OpenAI(
                    api_key=self.api_key or "none",
                    base_url=self.base_url,
                    max_retries=0,
                    timeout=self.request_timeout,
                    http_client=client_with_deadline(self.request_timeout, proxies=not is_loopback(self.base_url)),
                )
            return self._client

    def stop(self) -> None:
        """Ends waiting between tries, in all threads; a request in flight still finishes."""
        self.retries.stop()
