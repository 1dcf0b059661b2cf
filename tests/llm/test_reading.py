"""What a body says: words, why they end, who wrote them; no form is taken for granted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.errors import ModelAccessError, ModelError
from autoreward.llm.reading import differs, read_answer, read_body, reads_as_refusal
from autoreward.llm.retry import RequestFailedError, TransientError
from autoreward.llm.trouble import Place

PLACE = Place("openai/m", "127.0.0.1:8000", "sk-secret-0123456789")


def body(content: Any = "hi", reason: Any = "stop", **others: Any) -> dict[str, Any]:
    return {
        "choices": [{"message": {"content": content, **others.pop("message", {})}, "finish_reason": reason}],
        **others,
    }


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("hi", "hi"),
        (None, ""),
        ([{"type": "text", "text": "a"}, {"type": "thinking", "text": "no"}, "b"], "ab"),
        ({"text": {"value": "deep"}}, "deep"),
        ([{"type": "image_url"}], ""),
    ],
)
def test_the_words_of_every_form_of_content(content: Any, text: str) -> None:
    assert read_answer(body(content), "m", PLACE).text == text


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (body("x = 1", "length"), "cut"),
        (body("x = 1", "MAX_TOKENS"), "cut"),
        (body("half", "content_filter"), "refused"),
        (body(None, "stop", message={"refusal": "no"}), "refused"),
        (body("I'm sorry, but I can't help with that."), "refused"),
        (body("```python\nI can't help with that\n```"), "answered"),
        (body("fine", None), "answered"),
    ],
)
def test_why_it_ends(reply: dict[str, Any], status: str) -> None:
    assert read_answer(reply, "m", PLACE).status == status


def test_another_model_and_bad_bytes_are_noted() -> None:
    answer = read_answer(body("a\ufffd", model="gpt-2"), "m", PLACE)
    assert answer.notes == ("gpt-2 answered; m was asked.", "Bytes of the reply that are no text were replaced.")
    assert read_answer(body(message={"reasoning_content": "hm"}), "m", PLACE).thoughts == "hm"


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        ({"choices": []}, TransientError, "no choice"),
        ({"choices": "x"}, TransientError, "no choice"),
        ({"choices": [{"message": "x"}]}, TransientError, "no message"),
        (body(7), TransientError, "no text"),
        ({"error": {"code": 429, "message": "slow down"}}, TransientError, "slow down"),
        ({"error": {"code": "insufficient_quota", "message": "empty"}}, ModelAccessError, "empty"),
        ({"detail": "the prompt was flagged by moderation"}, RequestFailedError, "flagged"),
        ({"choices": [{"error": {"message": "context length exceeded"}}]}, RequestFailedError, "context length"),
    ],
)
def test_what_is_no_reply(reply: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        read_answer(reply, "m", PLACE)


def test_a_web_page_is_told_with_its_words_and_without_the_key() -> None:
    page = b"<html><script>x()</script><title>Hotel</title>Log in, sk-secret-0123456789</html>"
    with pytest.raises(TransientError, match="with a web page: 'Hotel Log in, ") as error:
        read_body(page, PLACE)
    assert error.value.unreadable and "secret" not in str(error.value)


@pytest.mark.parametrize("content", [b"nothing", b"[1]", b"\xff\xfe", b"[" * 100_000, b""])
def test_a_body_that_is_no_object(content: bytes) -> None:
    with pytest.raises(TransientError):
        read_body(content, PLACE)


def test_a_byte_order_mark_is_no_trouble() -> None:
    assert read_body(b'\xef\xbb\xbf{"a": 1}', PLACE) == {"a": 1}


@pytest.mark.parametrize(
    ("asked", "answered", "other"),
    [
        ("gpt-5", "gpt-5-2025-08-07", False),
        ("qwen:latest", "qwen", False),
        ("meta/llama", "Llama", False),
        ("gpt-5", "gpt-2", True),
    ],
)
def test_a_dated_release_is_the_same_model(asked: str, answered: str, other: bool) -> None:
    assert differs(asked, answered) == other


def test_a_long_text_is_an_answer_whatever_it_says() -> None:
    assert reads_as_refusal("I cannot help with that.")
    assert not reads_as_refusal("I cannot help with that. " * 100)
    assert not reads_as_refusal("def f(): I cannot help with that")
    assert not reads_as_refusal("  ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["message", "content", "text"]), inner),
    max_leaves=8,
)


@given(JSON, JSON, JSON)
def test_any_json_is_an_answer_or_an_error_of_ours(content: Any, choice: Any, told: Any) -> None:
    for reply in ({"choices": [choice]}, body(content, told), {"error": told}, {"choices": choice, "model": told}):
        try:
            assert isinstance(read_answer(reply, "m", PLACE).text, str)
        except (TransientError, RequestFailedError, ModelError):
            continue
