"""Reads what a server answered: the words, why they end, who wrote them. No form is taken for granted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autoreward.llm.chat_model import ReplyStatus
from autoreward.llm.retry import TransientError
from autoreward.llm.trouble import Place, cleaned, complaint_in, page_words, sorted_complaint

_CUT = frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "max_completion_tokens"})
_FILTERED = frozenset({"content_filter", "safety", "refusal", "recitation", "prohibited_content", "blocklist", "spii"})
_REFUSAL_LENGTH = 1_000  # characters; a longer text is an answer, whatever it says
_REFUSAL = re.compile(
    r"\bI(?:'|\u2019)?(?:m| am)? ?(?:really |very |so )?(?:sorry|afraid|apologi[sz]e)\b"
    r".{0,200}\b(?:can(?:no|'|\u2019)?t|not|unable)"
    r"|\bI (?:can(?:not|'t|\u2019t)|won(?:'|\u2019)t|am unable to|am not able to|must decline|will not|decline to)\b"
    r".{0,80}\b(?:help|assist|comply|provide|fulfil|do that|do this|with that|with this|request|create|write|generate)"
    r"|\b(?:es tut mir leid|tut mir leid|je (?:suis d\u00e9sol\u00e9|ne peux pas)|lo siento|mi dispiace|desculpe)\b"
    r"|\u62b1\u6b49|\u5bf9\u4e0d\u8d77|\u7533\u3057\u8a33|\u65e0\u6cd5\u534f\u52a9|\u7121\u6cd5\u5354\u52a9",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Answer:
    """What a body says, before anybody judges it."""

    text: str
    status: ReplyStatus
    finish_reason: str | None
    model: str | None
    thoughts: str  # that came beside the text; they count as output
    usage: Any = None  # as it came
    notes: tuple[str, ...] = field(default=())


def read_body(content: bytes, place: Place) -> Mapping[str, Any]:
    """The object in the body of an answer whose status says that all is well. Bytes that are no text are replaced.

    Raises:
        TransientError: it is none: a web page, or something else.
    """
    text = content.decode("utf-8-sig", "replace")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        page = text.lstrip()[:1] == "<"
        words = cleaned(page_words(text), place.key)[:200]
        what = "with a web page" if page else "with something that is no JSON"
        cure = "Correct --base-url (it often ends in /v1), or log in to the network first." if page else None
        message = f"{place.address} answers {what}{f': {words!r}' if words else ''}"
        raise TransientError(message, unreadable=True, cure=cure) from None
    if not isinstance(body, Mapping):
        raise TransientError(f"{place.address} answers with JSON that holds no reply", unreadable=True)
    return body


def read_answer(body: Mapping[str, Any], asked: str, place: Place) -> Answer:
    """The first choice of a completion.

    Args:
        asked: the model that was asked.

    Raises:
        TransientError, RequestFailedError, ModelError: it holds an error, or nothing that is a reply.
    """
    choices = body.get("choices")
    complaint = complaint_in(body)
    if complaint is None and isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        complaint = complaint_in({"choices": [], "error": choices[0].get("error")})
    if complaint is not None:
        raise sorted_complaint(complaint, place)
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        raise TransientError("the reply holds no choice", unreadable=True)
    message = choices[0].get("message")
    if not isinstance(message, Mapping):
        raise TransientError("the reply holds no message", unreadable=True)
    said, refusal = _words(message.get("content")), _words(message.get("refusal"))
    thoughts = _words(message.get("reasoning_content")) or _words(message.get("reasoning"))
    reason = choices[0].get("finish_reason")
    reason = reason if isinstance(reason, str) else None
    answered = body.get("model")
    model = cleaned(answered, place.key)[:200] if isinstance(answered, str) and answered else None
    notes: tuple[str, ...] = (f"{model} answered; {asked} was asked.",) if model and differs(asked, model) else ()
    if "\ufffd" in said:
        notes += ("Bytes of the reply that are no text were replaced.",)
    text = said or refusal
    status = _status(text, said, refusal, reason)
    return Answer(text.encode("utf-8", "replace").decode(), status, reason, model, thoughts, body.get("usage"), notes)


def _status(text: str, said: str, refusal: str, reason: str | None) -> ReplyStatus:
    """What a reply is: an end by the limit comes before all, and a refusal is one whatever else is said."""
    low = (reason or "").lower()
    if low in _CUT:
        return "cut"
    if low in _FILTERED or (refusal and not said) or reads_as_refusal(text):
        return "refused"
    return "answered"


def reads_as_refusal(text: str) -> bool:
    """Whether a short text without any program declines to answer."""
    short = 0 < len(text.strip()) <= _REFUSAL_LENGTH
    return short and "```" not in text and "def " not in text and _REFUSAL.search(text) is not None


def differs(asked: str, answered: str) -> bool:
    """Whether another model answered: not the one asked for, nor a dated release of it."""
    one, other = (name.lower().rpartition("/")[2].removesuffix(":latest") for name in (asked, answered))
    return not (one.startswith(other) or other.startswith(one))


def _words(content: Any) -> str:
    """The text of a content: a string, or the text parts of a list.

    Raises:
        TransientError: it is something else.
    """
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list) or not all(isinstance(part, (str, Mapping)) for part in content):
        raise TransientError("the reply holds no text", unreadable=True)
    return "".join(part if isinstance(part, str) else _part(part) for part in content)


def _part(part: Mapping[str, Any]) -> str:
    """The text of one part; thoughts are none."""
    if part.get("type") not in (None, "text", "output_text"):
        return ""
    text = part.get("text")
    if isinstance(text, Mapping):
        text = text.get("value")
    return text if isinstance(text, str) else ""
