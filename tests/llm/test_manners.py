"""What a model takes: what it refuses is left out or said in another way, for good."""

from __future__ import annotations

import pytest

from autoreward.llm.manners import Manners
from autoreward.llm.trouble import Complaint
from autoreward.records import Message

QUESTION = [Message(role="system", content="be brief"), Message(role="user", content="hello")]


def manners(temperature: float | None = 0.5) -> Manners:
    return Manners(4096, "max_tokens", temperature)


def told(own: Manners, words: str, status: int = 400, param: str = "") -> str | None:
    sent = own.arguments(QUESTION, own.limit(QUESTION, 1))
    return own.adapt(Complaint(status, words, param=param), sent)


def test_everything_is_sent_at_first() -> None:
    own = manners()
    asked = own.arguments(QUESTION, own.limit(QUESTION, 2))
    assert (asked["temperature"], asked["max_tokens"]) == (0.5, 8192)
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert "temperature" not in manners(None).arguments(QUESTION, None)


def test_a_temperature_that_is_refused_is_left_out() -> None:
    own = manners()
    assert told(own, "unsupported value", param="temperature") == "This model takes no temperature: it is not sent."
    assert "temperature" not in own.arguments(QUESTION, 1)
    assert told(own, "unsupported value", param="temperature") is None  # it was not sent


def test_a_system_message_becomes_part_of_the_question() -> None:
    own = manners()
    assert "no system message" in str(told(own, "System role not supported", status=500))
    assert own.arguments(QUESTION, 1)["messages"] == [{"role": "user", "content": "be brief\n\nhello"}]


def test_system_words_without_a_question_are_one() -> None:
    own = manners()
    own.system_role = False
    assert own.arguments(QUESTION[:1], 1)["messages"] == [{"role": "user", "content": "be brief"}]


def test_the_limit_gets_its_other_name_and_then_none() -> None:
    own = manners()
    assert "sent as max_completion_tokens" in str(told(own, "use max_completion_tokens instead of max_tokens"))
    assert own.arguments(QUESTION, 7)["max_completion_tokens"] == 7
    assert "takes no output limit" in str(told(own, "unknown parameter max_completion_tokens"))
    assert own.limit(QUESTION, 1) is None


def test_what_another_thread_has_changed_is_asked_again() -> None:
    own = manners()
    sent = own.arguments(QUESTION, 4096)
    told(own, "use max_completion_tokens instead of max_tokens")
    said = own.adapt(Complaint(400, "use max_completion_tokens instead of max_tokens"), sent)
    assert said == "The output limit is sent as max_completion_tokens."


@pytest.mark.parametrize(
    ("words", "most"),
    [
        ("max_tokens is too large: at most 2048", 2048),
        ("max_tokens: 4096 > 1024, which is the maximum", 1024),
    ],
)
def test_the_most_that_a_model_writes(words: str, most: int) -> None:
    own = manners()
    assert f"writes at most {most} tokens" in str(told(own, words))
    assert own.limit(QUESTION, 9) == most


def test_the_limit_fits_into_the_window() -> None:
    own = manners()
    said = told(own, "This model's maximum context length is 2000 tokens")
    assert said is not None and "room for 2000 tokens" in said
    limit = own.limit(QUESTION, 1)
    assert limit is not None and limit < 2000
    assert told(own, "This model's maximum context length is 2000 tokens") is None  # that did not mend it


@pytest.mark.parametrize(("words", "status"), [("be kind", 400), ("temperature", 429), ("max_tokens", 401)])
def test_what_no_manners_mend(words: str, status: int) -> None:
    assert told(manners(), words, status) is None
