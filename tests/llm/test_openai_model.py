"""The client against a real server on this machine: every failure it may meet, and that no key gets out."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from autoreward.errors import ModelAccessError, ModelError, ModelOutageError
from autoreward.llm.openai_model import OpenAIModel
from autoreward.llm.retry import RetryPolicy
from autoreward.records import Message, Usage
from tests.loopback import (
    Answer,
    LoopbackServer,
    broken_json,
    empty_choices,
    fails,
    hangs,
    says,
    truncated,
)

KEY = "sk-proj-0123456789abcdef"
QUESTION = [Message(role="system", content="be brief"), Message(role="user", content="hello?")]


class Waits(list[float]):
    """Records waits and lets time pass by them."""

    def clock(self) -> float:
        return sum(self)


@contextmanager
def asked(script: Sequence[Answer], timeout: float = 20.0) -> Iterator[tuple[OpenAIModel, LoopbackServer, Waits]]:
    waits = Waits()
    with LoopbackServer(script) as server:
        retries = RetryPolicy(100.0, clock=waits.clock, sleep=waits.append)
        model = OpenAIModel("openai/gpt-5", retries, server.url, KEY, request_timeout=timeout)
        yield model, server, waits


def test_a_reply_with_usage_and_price() -> None:
    with asked([says("hi", input_tokens=1000, output_tokens=200)]) as (model, server, _):
        reply = model.ask(QUESTION)
    assert reply.text == "hi"
    # 1.25 $ a million tokens in, 10 $ out
    assert reply.usage == Usage(calls=1, input_tokens=1000, output_tokens=200, cost=0.00325)
    request = server.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "gpt-5",
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello?"}],
    }


def test_another_temperature_is_sent() -> None:
    with LoopbackServer() as server:
        model = OpenAIModel("vllm/m", RetryPolicy(1.0), server.url, temperature=0.2)
        reply = model.ask(QUESTION)
    assert server.requests[0].body["temperature"] == 0.2
    assert reply.usage.cost == 0.0


def test_unknown_usage_has_an_unknown_price() -> None:
    with asked([says("hi", usage=False)]) as (model, _, _):
        assert model.ask(QUESTION).usage == Usage(calls=1, cost=None)


@pytest.mark.parametrize(
    ("failure", "calls"),
    [
        (fails(429, retry_after=0), 1),
        (fails(500, retry_after=0), 1),
        (fails(503, retry_after=0), 1),
        (fails(408), 1),
        (truncated(), 1),
        (broken_json(), 2),  # such a reply may have been charged, so it counts
        (empty_choices(), 2),
        (Answer(body=b"<html>please log in</html>"), 2),
        (Answer(body=b"null"), 2),
        (Answer(body=b'{"choices": "none"}'), 2),
        (Answer(body=b'{"choices": [{"message": {"content": 5}}]}'), 2),
    ],
)
def test_a_passing_failure_is_tried_again(failure: Answer, calls: int) -> None:
    with asked([failure, says("hi")]) as (model, server, waits):
        reply = model.ask(QUESTION)
    assert (reply.text, reply.usage.calls) == ("hi", calls)
    assert len(server.requests) == 2
    assert len(waits) == 1


@pytest.mark.parametrize(("stated", "expected"), [(7, 7.0), ("0", 0.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)])
def test_retry_after_is_honoured(stated: float | str, expected: float) -> None:
    with asked([fails(429, retry_after=stated), says("hi")]) as (model, _, waits):
        model.ask(QUESTION)
    assert waits == [expected]


def test_a_wait_beyond_the_budget_ends_at_once() -> None:
    with (
        asked([fails(429, retry_after=86_400)]) as (model, server, waits),
        pytest.raises(ModelOutageError, match="asks to wait 86400 s"),
    ):
        model.ask(QUESTION)
    assert len(server.requests) == 1
    assert waits == []


@pytest.mark.parametrize(
    ("failure", "remedy"),
    [
        (fails(401, message=f"Incorrect API key provided: {KEY}"), "OPENAI_API_KEY"),
        (fails(401, message="Incorrect API key provided: sk-proj-****cdef"), "OPENAI_API_KEY"),
        (fails(402), "credit"),
        (fails(403, message=f"Bearer {KEY} not allowed"), "not allowed"),
        (fails(404), "--model"),
        (fails(400, message="too long"), "refuses the request"),
        (fails(429, code="insufficient_quota", retry_after=0), "quota"),
    ],
)
def test_what_another_try_cannot_mend_ends_at_once(failure: Answer, remedy: str) -> None:
    with asked([failure]) as (model, server, waits):
        with pytest.raises(ModelAccessError) as caught:
            model.ask(QUESTION)
        assert KEY not in repr(model)
    shown = "".join(traceback.format_exception(caught.value))
    assert remedy in caught.value.remedy
    assert KEY not in shown
    assert "cdef" not in shown
    assert len(server.requests) == 1
    assert waits == []


def test_a_long_outage_ends_with_its_last_failure() -> None:
    with (
        asked([fails(500, message=f"key {KEY} \x1b[31mexploded")] * 30) as (model, server, waits),
        pytest.raises(ModelOutageError, match=r"status 500: key \[key\] exploded") as caught,
    ):
        model.ask(QUESTION)
    assert isinstance(caught.value, ModelError)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert sum(waits) <= 100.0
    assert len(server.requests) == len(waits) + 1


@pytest.mark.parametrize("slow", [hangs(), says("never in time", drip=0.02)])
def test_a_request_ends_at_its_deadline(slow: Answer) -> None:
    with asked([slow, says("hi")], timeout=0.3) as (model, server, _):
        assert model.ask(QUESTION).text == "hi"
    assert len(server.requests) == 2


def test_nothing_listens_there() -> None:
    with LoopbackServer() as server:
        url = server.url
    model = OpenAIModel("openai/gpt-5", RetryPolicy(0.0), url, KEY)
    with pytest.raises(ModelOutageError, match="connection failed"):
        model.ask(QUESTION)


def test_lone_surrogates_do_not_get_through() -> None:
    body = b'{"choices": [{"message": {"content": "\\ud800x"}}]}'
    with asked([Answer(body=body)]) as (model, _, _):
        assert model.ask(QUESTION).text == "?x"
