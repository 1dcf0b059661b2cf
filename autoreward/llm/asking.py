"""One question to a chat model, whatever the client library: manners, tries, what it cost, and what came back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autoreward.errors import ModelError
from autoreward.llm.chat_model import Reply
from autoreward.llm.manners import LEAST_ROOM, Manners
from autoreward.llm.reading import Answer, read_answer
from autoreward.llm.retry import RequestFailedError, RetryPolicy, TransientError
from autoreward.llm.trouble import Complaint, Place, sorted_complaint
from autoreward.llm.usage import input_tokens, usage_of
from autoreward.records import Message, Usage
from autoreward.redaction import redacted

ADAPTATIONS = 6  # ways in which one request may be put anew

Send = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Sends the parameters of a request; gives the object that came back.

Raises:
    ComplaintError: the server answered with a status that is no success.
    TransientError, RequestFailedError, ModelError: there was no such answer.
"""


class ComplaintError(Exception):
    """A server's refusal, before anybody knows whether another way of asking mends it."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.words)
        self.complaint = complaint


@dataclass
class _Count:
    """What the requests of one question came to."""

    requests: int = 0
    spent: Usage = field(default_factory=Usage)  # for answers that could not be read
    latency: float = 0.0  # [s] of the last request
    limit: int | None = None  # of the last request
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asker:
    """Asks one model. May be used from several threads at once.

    Args:
        place: whom it asks.
        secrets: what is cut out of every reply.
    """

    place: Place
    retries: RetryPolicy
    manners: Manners
    send: Send
    secrets: tuple[str, ...] = ()
    clock: Callable[[], float] = time.monotonic

    def ask(self, messages: Sequence[Message], room: int, temperature: float | None = None) -> Reply:
        """One answer, or the words of a failure that is this question's own; see `ChatModel.ask`."""
        messages = [one.model_copy(update={"content": redacted(one.content, self.secrets)}) for one in messages]
        count = _Count()
        try:
            answer = self.retries.call(lambda: self._once(messages, room, count, temperature))
        except RequestFailedError as failure:
            usage = count.spent.plus(Usage(calls=max(0, count.requests - count.spent.calls)))
            text = redacted(str(failure), self.secrets)
            return Reply(
                text, usage, failure.status, latency=count.latency, tries=count.requests, notes=tuple(count.notes)
            )
        except ModelError as error:
            error.calls = count.requests
            raise
        return self._reply(messages, answer, count)

    def _reply(self, messages: Sequence[Message], answer: Answer, count: _Count) -> Reply:
        written = answer.text + answer.thoughts
        usage = usage_of(self.place.name, answer.usage, messages, written, count.limit)
        failed = Usage(calls=max(0, count.requests - 1 - count.spent.calls))
        text = redacted(answer.text, self.secrets)
        notes = (*count.notes, *answer.notes)
        if text != answer.text:
            notes += ("Something in the form of a key was cut out of the reply.",)
        return Reply(
            text=text,
            usage=usage.plus(count.spent).plus(failed),
            status=answer.status,
            finish_reason=answer.finish_reason,
            model=answer.model,
            latency=round(count.latency, 3),
            tries=count.requests,
            notes=notes,
        )

    def _once(self, messages: Sequence[Message], room: int, count: _Count, temperature: float | None) -> Answer:
        """One try: put in another way as often as the model's manners want it."""
        for _ in range(ADAPTATIONS):
            count.limit = self.manners.limit(messages, room)
            if count.limit is not None and self.manners.window is not None and count.limit < LEAST_ROOM:
                window = self.manners.window
                raise RequestFailedError(f"the question leaves no room for a reply in {window} tokens", "too_long")
            asked = self.manners.arguments(messages, count.limit, temperature)
            try:
                return self._sent(asked, messages, count)
            except ComplaintError as error:
                said = self.manners.adapt(error.complaint, asked)
                if said is None:
                    raise sorted_complaint(error.complaint, self.place) from None
                if said not in count.notes:
                    count.notes.append(said)
        raise RequestFailedError("the server refuses every way in which the question was put")

    def _sent(self, asked: dict[str, Any], messages: Sequence[Message], count: _Count) -> Answer:
        count.requests += 1
        began = self.clock()
        try:
            body = self.send(asked)
            answer = read_answer(body, self.place.name.partition("/")[2], self.place)
        except TransientError as error:
            if error.unreadable:  # it may have been charged
                count.spent = count.spent.plus(
                    Usage(calls=1, input_tokens=input_tokens(messages), cost=None, estimated=True)
                )
            raise
        finally:
            count.latency = self.clock() - began
        self.retries.succeeded()
        return answer
