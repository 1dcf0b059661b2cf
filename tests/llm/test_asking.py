"""One question to a model, with a sender that answers from a list: no server, no waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from autoreward.errors import ModelAccessError
from autoreward.llm.asking import Asker, ComplaintError
from autoreward.llm.manners import Manners
from autoreward.llm.retry import RetryPolicy, TransientError
from autoreward.llm.trouble import Complaint, Place
from autoreward.records import Message

SECRET = "sk-secret-0123456789"
QUESTION = [Message(role="user", content=f"my key is {SECRET}")]
ANSWER = {
    "choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 20, "completion_tokens": 2},
}


class Sender:
    """Answers in turn, and keeps what was sent."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers, self.sent = list(answers), list[dict[str, Any]]()

    def __call__(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        self.sent.append(asked)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def asker(sender: Sender) -> Asker:
    waits: list[float] = []
    retries = RetryPolicy(3600.0, clock=lambda: sum(waits), sleep=waits.append)
    return Asker(Place("openai/m", "host:80", SECRET), retries, Manners(1024, "max_tokens", 0.5), sender, (SECRET,))


def complaint(words: str, status: int = 400) -> ComplaintError:
    return ComplaintError(Complaint(status, words))


def test_no_secret_is_sent_or_kept() -> None:
    echo = {"choices": [{"message": {"content": f"so {SECRET} it is"}, "finish_reason": "stop"}]}
    sender = Sender(echo)
    reply = asker(sender).ask(QUESTION, 1)
    assert SECRET not in str(sender.sent) and SECRET not in reply.text
    assert any("in the form of a key" in note for note in reply.notes)


def test_manners_are_learned_within_one_try() -> None:
    sender = Sender(complaint("temperature is not supported"), ANSWER)
    reply = asker(sender).ask(QUESTION, 1)
    assert (reply.text, reply.tries) == ("hi", 2)
    assert reply.notes == ("This model takes no temperature: it is not sent.",)
    assert "temperature" not in sender.sent[1]
    assert reply.usage.calls == 2 and not reply.usage.estimated


def test_a_refusal_is_this_questions_own() -> None:
    reply = asker(Sender(complaint("flagged by our content policy"))).ask(QUESTION, 1)
    assert (reply.status, reply.tries, reply.usage.calls) == ("refused", 1, 1)
    assert "content policy" in reply.text


def test_what_no_request_can_mend_ends_it_with_the_number_of_calls() -> None:
    with pytest.raises(ModelAccessError) as error:
        asker(Sender(complaint("no such key", 401))).ask(QUESTION, 1)
    assert error.value.calls == 1


def test_an_answer_that_could_not_be_read_is_charged_as_a_guess() -> None:
    reply = asker(Sender(TransientError("half a reply", unreadable=True), ANSWER)).ask(QUESTION, 1)
    assert reply.usage.calls == 2 and reply.usage.estimated and reply.usage.cost is None
    assert reply.usage.input_tokens > 20


def test_a_question_that_leaves_no_room_is_not_sent() -> None:
    sender = Sender()
    one = asker(sender)
    one.manners.window = 400
    reply = one.ask(QUESTION, 1)
    assert reply.status == "too_long" and "no room for a reply in 400 tokens" in reply.text
    assert sender.sent == [] and reply.usage.calls == 0


def test_a_server_that_wants_it_always_another_way_is_left() -> None:
    complaints = [complaint(f"maximum context length is {9000 - number} tokens") for number in range(9)]
    reply = asker(Sender(*complaints)).ask(QUESTION, 1)
    assert reply.status == "failed" and reply.tries == 6
    assert "every way in which the question was put" in reply.text
