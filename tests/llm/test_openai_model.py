"""The client against a real server on this machine: every failure it may meet, and that no key gets out."""

from __future__ import annotations

import json
import socket
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from autoreward.environment.stills import png
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
    images_of,
    packed,
    refuses,
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
        "max_tokens": 16_384,
    }


def test_another_temperature_is_sent() -> None:
    with LoopbackServer() as server:
        model = OpenAIModel("vllm/m", RetryPolicy(1.0), server.url, temperature=0.2)
        reply = model.ask(QUESTION)
    assert server.requests[0].body["temperature"] == 0.2
    assert reply.usage.cost == 0.0


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": -5, "completion_tokens": 10},
        {"prompt_tokens": "1000", "completion_tokens": "200"},
        {"prompt_tokens": 10**15, "completion_tokens": 200},
        {"prompt_tokens": 1000, "completion_tokens": 10**9},
        {"prompt_tokens": True, "completion_tokens": 1.5},
        {"prompt_tokens": None, "completion_tokens": 3},
        ["1000", 200],
        "many",
    ],
)
def test_usage_that_cannot_be_true_is_estimated_and_marked(told: object) -> None:
    question = [Message(role="user", content="word " * 800)]  # 4000 bytes: about 1000 tokens
    answer = says("x" * 400, usage=False, told_usage=told)
    with asked([answer]) as (model, _, _):
        usage = model.ask(question).usage
    assert (usage.input_tokens, usage.output_tokens) == (1016, 100)  # 16 for the frame of the message
    assert usage.estimated
    assert usage.cost == pytest.approx(1016 * 1.25e-6 + 100 * 1e-5)


def test_cached_and_reasoning_tokens_are_told_and_cached_ones_are_cheaper() -> None:
    told = {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "prompt_tokens_details": {"cached_tokens": 800},
        "completion_tokens_details": {"reasoning_tokens": 150},
    }
    with asked([says("hi", told_usage=told)]) as (model, _, _):
        usage = model.ask(QUESTION).usage
    assert (usage.cached_tokens, usage.reasoning_tokens, usage.estimated) == (800, 150, False)
    assert usage.cost is not None and usage.cost < 0.00325  # without a cache


@pytest.mark.parametrize(
    ("failure", "calls"),
    [
        (fails(429, retry_after=0), 2),  # every request counts
        (fails(500, retry_after=0), 2),
        (fails(503, retry_after=0), 2),
        (fails(408), 2),
        (truncated(), 2),
        (broken_json(), 2),
        (empty_choices(), 2),
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


@pytest.mark.parametrize(("stated", "expected"), [(7, 7.0), (90, 90.0)])
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
        (fails(400, message="nomic-embed does not support chat"), "can chat"),
        (fails(400, message="The model gpt-9 does not exist"), "--model"),
        (fails(405), "--base-url"),
        (Answer(body=b"<html><title>Portal</title>Please log in</html>"), "--base-url"),
        (Answer(body=b'{"error": {"message": "no credits", "code": 402}}'), "credit"),
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
    model = OpenAIModel("openai/gpt-5", RetryPolicy(1800.0), url, KEY)
    address = url.removeprefix("http://").removesuffix("/v1")
    with pytest.raises(ModelAccessError, match=f"Nothing answers at {address}") as caught:
        model.ask(QUESTION)
    assert "--base-url" in caught.value.remedy


def test_lone_surrogates_do_not_get_through() -> None:
    body = b'{"choices": [{"message": {"content": "\\ud800x"}}]}'
    with asked([Answer(body=body)]) as (model, _, _):
        assert model.ask(QUESTION).text == "?x"


PARTS = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (says("half", finish="length"), "cut", "half"),
        (says("", finish="MAX_TOKENS"), "cut", ""),
        (says("half", finish="content_filter"), "refused", "half"),
        (Answer(message={"role": "assistant", "content": None, "refusal": "No."}), "refused", "No."),
        (says("I'm sorry, but I can't help with that."), "refused", "I'm sorry, but I can't help with that."),
        (says("I cannot assist with this request."), "refused", "I cannot assist with this request."),
        (says("I cannot use time.\n```python\ndef f(): pass\n```"), "answered", None),
        (says("no reason", finish=None), "answered", "no reason"),
        (Answer(message={"role": "assistant", "content": PARTS}), "answered", "ab"),
        (Answer(message={"role": "assistant", "content": {"type": "text", "text": "a"}}), "answered", "a"),
        (fails(400, code="content_filter", message="The prompt was filtered"), "refused", None),
        (fails(403, message="Your input was flagged by moderation"), "refused", None),
        (fails(400, code="context_length_exceeded", message="maximum context length is 100 tokens"), "too_long", None),
        (fails(400, message="prompt is too long: 9 tokens > 8 maximum"), "too_long", None),
        (fails(422, message="something about this request"), "failed", None),
        (Answer(body=b'{"error": {"message": "Provider returned error"}}'), "failed", None),
        (Answer(body=b'{"error": "out of luck"}'), "failed", None),
        (Answer(body=b'{"detail": "out of luck"}'), "failed", None),
    ],
)
def test_what_comes_back_has_a_status(answer: Answer, status: str, text: str | None) -> None:
    with asked([answer]) as (model, server, waits):
        reply = model.ask(QUESTION)
    assert (reply.status, len(server.requests), waits) == (status, 1, [])
    assert text is None or reply.text == text
    assert reply.text or status == "cut"
    assert reply.finish_reason == answer.finish or answer.body is not None


def test_an_error_object_with_a_passing_code_is_tried_again() -> None:
    with asked([Answer(body=b'{"error": {"message": "busy", "code": 429}}'), says("hi")]) as (model, server, _):
        assert model.ask(QUESTION).text == "hi"
    assert len(server.requests) == 2


def test_replies_that_cannot_be_read_fail_the_request_and_not_the_run() -> None:
    with asked([empty_choices()] * 3 + [says("hi")]) as (model, _, _):
        reply = model.ask(QUESTION)
        assert (reply.status, reply.tries, reply.usage.calls) == ("failed", 3, 3)
        assert "no choice" in reply.text
        assert model.ask(QUESTION).text == "hi"


def test_another_model_and_bad_bytes_are_noted() -> None:
    body = json.dumps({"model": "gpt-4o-mini", "choices": [{"message": {"content": "bytes X"}}]}).encode()
    with asked([Answer(body=body.replace(b"X", b"\xff\xfe")), says("hi", model="gpt-5-2025-08-07")]) as (model, _, _):
        reply, usual = model.ask(QUESTION), model.ask(QUESTION)
    assert reply.text == "bytes \ufffd\ufffd"
    assert "gpt-4o-mini answered; gpt-5 was asked." in reply.notes
    assert any("replaced" in note for note in reply.notes)
    assert (reply.model, usual.notes) == ("gpt-4o-mini", ())


@pytest.mark.parametrize("body", [b"x" * (5 * 2**20), None])
def test_a_reply_without_an_end_is_not_read_to_it(body: bytes | None) -> None:
    answer = Answer(body=body) if body else packed(b" " * (64 * 2**20))
    with asked([answer]) as (model, server, _):
        reply = model.ask(QUESTION)
    assert (reply.status, len(server.requests)) == ("failed", 1)
    assert "longer than 4 MB" in reply.text


def test_a_packed_reply_is_read() -> None:
    body = json.dumps({"choices": [{"message": {"content": "small"}}]}).encode()
    with asked([packed(body), packed(body, "br")]) as (model, _, _):
        assert model.ask(QUESTION).text == "small"
        assert "'br'" in model.ask(QUESTION).text


def test_an_echoed_key_is_cut_out_of_the_reply_and_never_sent_in_a_question() -> None:
    other = "sk-ant-api03-abcdefghij0123456789"
    with asked([says(f"your key is {KEY}, and {other}")]) as (model, server, _):
        reply = model.ask([Message(role="user", content=f"my key is {KEY}")])
    assert reply.text == "your key is [key], and [key]"
    assert any("key" in note for note in reply.notes)
    assert KEY not in json.dumps(server.requests[0].body)


SYSTEM = refuses("System role not supported")


@pytest.mark.parametrize(
    ("refusals", "gone", "there"),
    [
        ([refuses("Unsupported value: only the default (1).", "temperature")], {"temperature"}, {"max_tokens"}),
        ([refuses("'temperature' does not support 0.2 with this model.")], {"temperature"}, {"max_tokens"}),
        (
            [refuses("Unsupported parameter: use 'max_completion_tokens' instead.", "max_tokens")],
            {"max_tokens"},
            {"max_completion_tokens", "temperature"},
        ),
        (
            [refuses("unknown field max_tokens"), refuses("unknown field max_completion_tokens", status=422)],
            {"max_tokens", "max_completion_tokens"},
            {"temperature"},
        ),
        ([SYSTEM, refuses("no", "temperature")], {"temperature"}, {"max_tokens"}),
    ],
)
def test_what_a_model_refuses_is_put_in_another_way_once_and_for_all(
    refusals: list[Answer], gone: set[str], there: set[str]
) -> None:
    with LoopbackServer(refusals) as server:
        model = OpenAIModel("vllm/m", RetryPolicy(1.0), server.url, temperature=0.2)
        first, second = model.ask(QUESTION), model.ask(QUESTION)
    assert (first.status, first.tries, second.tries) == ("answered", len(refusals) + 1, 1)
    assert len(first.notes) == len(refusals) and second.notes == ()
    for request in server.requests[len(refusals) :]:
        assert not gone & set(request.body) and there <= set(request.body)
        roles = [message["role"] for message in request.body["messages"]]
        assert roles == (["user"] if SYSTEM in refusals else ["system", "user"])
        assert "be brief" in request.body["messages"][0]["content"]


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ("max_tokens is too large: 16384. This model supports at most 4096 completion tokens", 4096),
        ("max_tokens: 16384 > 8192, which is the maximum allowed number of output tokens", 8192),
    ],
)
def test_an_output_limit_that_is_too_large_is_lowered(words: str, sent: int) -> None:
    with asked([refuses(words)]) as (model, server, _):
        assert model.ask(QUESTION).text == "ok"
    assert server.requests[1].body["max_tokens"] == sent


def test_the_output_limit_fits_into_a_small_context() -> None:
    words = "This model's maximum context length is 8192 tokens. However, you requested 19000 tokens."
    with asked([refuses(words)]) as (model, server, _):
        assert model.ask(QUESTION).text == "ok"
        long = model.ask([Message(role="user", content="word " * 10_000)])
    assert 8000 < server.requests[1].body["max_tokens"] < 8192
    assert (long.status, len(server.requests)) == ("too_long", 2)  # it is not even sent


def test_more_room_is_asked_for() -> None:
    with asked([]) as (model, server, _):
        model.ask(QUESTION, room=2)
    assert server.requests[0].body["max_tokens"] == 2 * 16_384


def test_a_server_on_this_machine_is_asked_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with asked([]) as (model, _, _):
        assert model.ask(QUESTION).text == "ok"


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("http://no-such-host.invalid/v1", "no-such-host.invalid:80"),
        ("https://127.0.0.1:{port}/v1", "does not speak TLS"),
    ],
)
def test_a_wrong_address_is_said_at_once(url: str, seen: str) -> None:
    with LoopbackServer() as server:
        port = server.url.rpartition(":")[2].removesuffix("/v1")
        model = OpenAIModel("openai/m", RetryPolicy(1800.0), url.format(port=port), KEY)
        with pytest.raises(ModelAccessError, match=seen) as caught:
            model.ask(QUESTION)
    assert caught.value.remedy


def test_what_speaks_another_protocol_is_said_at_once() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def greet() -> None:
        connection, _ = listener.accept()
        connection.sendall(b"SSH-2.0-x\r\n")
        connection.recv(10_000)
        connection.close()

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    model = OpenAIModel("vllm/m", RetryPolicy(1800.0), f"http://127.0.0.1:{port}/v1")
    with listener, pytest.raises(ModelAccessError, match=f"127.0.0.1:{port} does not speak HTTP"):
        model.ask(QUESTION)


def test_a_provider_that_wants_its_cache_marked_gets_a_mark_on_the_common_head() -> None:
    with LoopbackServer() as server:
        OpenAIModel("openrouter/anthropic/claude-x", RetryPolicy(1.0), server.url).ask(QUESTION)
    head, question = server.requests[0].body["messages"]
    assert head["content"] == [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}]
    assert question["content"] == "hello?"


def test_pictures_are_sent_as_parts_behind_the_words() -> None:
    picture = png(np.zeros((2, 2, 3), np.uint8))
    with asked([says("black")]) as (model, server, _):
        reply = model.ask([Message(role="user", content="What is it?", images=(picture, picture))])
    assert reply.text == "black" and reply.usage.input_tokens == 100
    (message,) = server.requests[0].body["messages"]
    assert message["content"][0] == {"type": "text", "text": "What is it?"}
    assert images_of(server.requests[0].body) == [picture, picture]
    with asked([]) as (model, server, _):
        refused = model.ask([Message(role="user", content="What is it?", images=(b"no picture",))])
    assert refused.status == "failed" and "an image that is no PNG file" in refused.text
