"""A chat model behind any server that speaks the OpenAI protocol: OpenAI, vLLM, Ollama, LM Studio, OpenRouter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autoreward.llm.chat_model import Reply
from autoreward.llm.deadline import client_with_deadline
from autoreward.llm.price import cost_of, is_free
from autoreward.llm.retry import RetryPolicy, TransientError
from autoreward.llm.trouble import sorted_error
from autoreward.records import Message, Usage

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

USUAL_TEMPERATURE = 1.0
"""What servers take when nothing is said; it is then not sent, because some models refuse the setting."""


@dataclass
class OpenAIModel:
    """One model on one server. `ask` may be called from several threads at once."""

    name: str  # "openai/gpt-5"
    retries: RetryPolicy
    base_url: str | None = None  # None: OpenAI itself
    api_key: str | None = field(default=None, repr=False)
    temperature: float = USUAL_TEMPERATURE
    request_timeout: float = 600.0  # [s], one request in total

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._client: OpenAI | None = None

    def ask(self, messages: Sequence[Message]) -> Reply:
        """One answer; failures are retried as the policy says, never by the library below.

        Raises:
            ModelAccessError: the server refuses this key, model, account or request.
            ModelOutageError: the server stayed out of reach for longer than the outage budget.
        """
        return ask_with_retries(self.name, self.retries, lambda: self._request(messages))

    def _request(self, messages: Sequence[Message]) -> ChatCompletion:
        from openai import OpenAIError, omit

        said: list[ChatCompletionMessageParam] = [_param(message) for message in messages]
        temperature = omit if self.temperature == USUAL_TEMPERATURE else self.temperature
        try:
            completion = self._connected().chat.completions.create(
                model=self.name.partition("/")[2], messages=said, temperature=temperature
            )
        except OpenAIError as error:
            raise sorted_error(error, self.name, self.api_key) from None  # the original holds the request
        except ValueError as error:  # a body that is no JSON
            raise TransientError(f"the reply cannot be read ({type(error).__name__})", unreadable=True) from None
        check_form(completion)
        return completion

    def _connected(self) -> OpenAI:
        from openai import OpenAI

        with self._lock:
            if self._client is None:
                self._client = OpenAI(
                    api_key=self.api_key or "none",
                    base_url=self.base_url,
                    max_retries=0,
                    timeout=self.request_timeout,
                    http_client=client_with_deadline(self.request_timeout),
                )
            return self._client

    def stop(self) -> None:
        """Ends waiting between tries, in all threads; a request in flight still finishes."""
        self.retries.stop()


def ask_with_retries(name: str, retries: RetryPolicy, request: Callable[[], ChatCompletion]) -> Reply:
    """The reply of a model, and what all of its answers cost.

    Args:
        name: "provider/model", for the price.
        request: one try; raises TransientError where another one may help.
    """
    answered = 0

    def once() -> ChatCompletion:
        nonlocal answered
        try:
            completion = request()
        except TransientError as error:
            answered += error.unreadable
            raise
        answered += 1
        return completion

    completion = retries.call(once)
    return Reply(_text(completion), _usage(name, completion, answered))


def _usage(name: str, completion: ChatCompletion, answered: int) -> Usage:
    usage = getattr(completion, "usage", None)
    tokens = (usage.prompt_tokens, usage.completion_tokens) if usage else (None, None)
    if not isinstance(tokens[0], int) or not isinstance(tokens[1], int):
        return Usage(calls=answered, cost=0.0 if is_free(name) else None)
    return Usage(
        calls=answered, input_tokens=tokens[0], output_tokens=tokens[1], cost=cost_of(name, tokens[0], tokens[1])
    )


def check_form(completion: object) -> None:
    """The client library takes any JSON as a completion.

    Raises:
        TransientError: it is none.
    """
    choices = getattr(completion, "choices", None)
    if not isinstance(choices, list) or not choices:
        raise TransientError("the reply holds no choice", unreadable=True)
    message = getattr(choices[0], "message", None)
    texts = [getattr(message, name, None) for name in ("content", "refusal")]
    if message is None or not all(text is None or isinstance(text, str) for text in texts):
        raise TransientError("the reply holds no message", unreadable=True)


def _param(message: Message) -> ChatCompletionMessageParam:
    if message.role == "system":
        return {"role": "system", "content": message.content}
    if message.role == "assistant":
        return {"role": "assistant", "content": message.content}
    return {"role": "user", "content": message.content}


def _text(completion: ChatCompletion) -> str:
    """The words of the first choice; a refusal counts as words. Lone surrogates, which JSON allows, are replaced."""
    message = completion.choices[0].message
    text = message.content or getattr(message, "refusal", None) or ""
    return text.encode("utf-8", "replace").decode("utf-8")
