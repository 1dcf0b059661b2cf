"""Sorts what can go wrong with a request: what another try may mend, what fails this request, and what is for good.

Nothing that is shown or stored from here contains a key: texts of servers are cleaned, and errors of the client
library, which hold the request, are not chained.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from autoreward.errors import ModelAccessError, ModelError
from autoreward.llm.deadline import RedirectedError, ReplyBoundError
from autoreward.llm.retry import RequestFailedError, TransientError
from autoreward.plain_text import plain_line
from autoreward.redaction import redacted

if TYPE_CHECKING:
    from openai import OpenAIError

Sorted = TransientError | RequestFailedError | ModelError
_RETRIED = frozenset({408, 409, 425, 429})
_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded"})
_TEXT_LIMIT = 300  # characters of a server's own words
_REMEDIES = {
    401: "Check the key in OPENAI_API_KEY, and that it belongs to this server.",
    402: "The account has no credit left: add some, or choose another model with --model.",
    403: "The key is not allowed to use this model: choose another with --model.",
    404: "Check the name after the slash in --model, and --base-url.",
    405: "This address takes no chat messages: check --base-url, which often ends in /v1.",
    407: "The proxy refuses: check HTTP_PROXY and HTTPS_PROXY.",
}
_QUOTA_REMEDY = "The account's quota is used up. Continue later with `autoreward resume`, or choose another --model."
_CHAT_REMEDY = "Choose a model that can chat with --model; an embedding model cannot."
_ADDRESS = "Start the server, or correct --base-url (OPENAI_BASE_URL, OLLAMA_HOST)."
_FILTERED = re.compile(
    r"content[_ -]?(?:filter|policy|management)|responsible ?ai|moderation|flagged|safety (?:system|filter|policy)"
    r"|usage polic|invalid[_ ]prompt|violat",
    re.IGNORECASE,
)
TOO_LONG = re.compile(
    r"context[_ ]?(?:length|window|size)|maximum (?:context|prompt|input)|max(?:imum)? (?:model )?length"
    r"|too many (?:input )?tokens|(?:prompt|input|request|messages?).{0,40}too (?:long|large)|exceeds? .{0,60}tokens"
    r"|reduce the length|n_ctx",
    re.IGNORECASE,
)
_NO_CHAT = re.compile(r"not (?:a )?(?:chat|support(?:ed)? .{0,30}chat)|does not support chat|embedding", re.IGNORECASE)
_NO_KEY = re.compile(r"api[_ -]?key|credential|unauthori[sz]ed|authentication", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model.{0,80}(?:not (?:found|exist|available)|does(?: not|n't) exist|no such|unknown)"
    r"|(?:no such|unknown|invalid) model|(?:invalid|not a valid) model",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Place:
    """Whom an error is about."""

    name: str  # of the model
    address: str  # "127.0.0.1:8000", for a person
    key: str | None = None  # which is cut out of every text


@dataclass(frozen=True)
class Complaint:
    """What a server says instead of an answer."""

    status: int | None
    words: str
    code: str = ""
    param: str = ""
    headers: Mapping[str, str] | None = None


def sorted_error(error: OpenAIError, place: Place) -> Sorted:
    """What to raise instead of an error of the client library."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return sorted_complaint(complaint_of(error), place)
    if isinstance(error, openai.APITimeoutError):
        return _sorted_connection(error.__cause__ or error, place)
    if isinstance(error, openai.APIConnectionError):
        return _sorted_connection(error.__cause__ or error, place)
    return TransientError(f"the reply cannot be read ({type(error).__name__})", unreadable=True)


def complaint_of(error: Any) -> Complaint:
    """The server's own words in an error with a status."""
    body = error.body
    fields = body if isinstance(body, Mapping) else {}
    words = fields.get("message") or fields.get("detail") or fields.get("error") or ""
    words = words if isinstance(words, str) else str(words)
    if isinstance(body, str):
        words = page_words(body)
    codes = " ".join(str(one) for one in (error.code, error.type) if one)
    return Complaint(error.status_code, words, codes, str(getattr(error, "param", None) or ""), error.response.headers)


def complaint_in(body: Mapping[str, Any]) -> Complaint | None:
    """The error object that stands in an answer whose status says that all is well."""
    error = body.get("error")
    if not error and "choices" not in body:
        error = body.get("detail") or body.get("message")
    if not error:
        return None
    if not isinstance(error, Mapping):
        return Complaint(None, str(error))
    code = error.get("code", error.get("status"))
    status = int(code) if str(code).isdigit() and 400 <= int(code) < 600 else None
    words = error.get("message") or error.get("detail") or ""
    codes = " ".join(str(one) for one in (code, error.get("type")) if one)
    return Complaint(status, str(words), codes, str(error.get("param") or ""))


def sorted_complaint(complaint: Complaint, place: Place) -> Sorted:
    """What a server's refusal means for the request, the candidate and the run."""
    words = cleaned(complaint.words, place.key)
    named = f"status {complaint.status}" if complaint.status else "an error"
    said = f"{named}{f': {words}' if words else ''}"
    status = complaint.status or 0
    text = f"{complaint.words} {complaint.code}"
    if set(complaint.code.split()) & _NO_MONEY:
        return ModelAccessError(f"{place.name}: {said}", _QUOTA_REMEDY)
    if status in (0, 400, 403, 413, 422) and _FILTERED.search(text):
        return RequestFailedError(said, "refused")
    if status in _RETRIED or status >= 500:
        return TransientError(said, wait=asked_wait(complaint.headers or {}))
    if status in (0, 400, 413, 422):
        return _sorted_request(said, text, place)
    remedy = _REMEDIES.get(status, f"{place.address} does not speak the OpenAI protocol there: check --base-url.")
    return ModelAccessError(f"{place.name} at {place.address}: {said}", remedy)


def _sorted_request(said: str, text: str, place: Place) -> Sorted:
    """A request that is refused: because of its length, or of what no request can mend."""
    if TOO_LONG.search(text):
        return RequestFailedError(said, "too_long")
    for pattern, remedy in ((_NO_CHAT, _CHAT_REMEDY), (_NO_MODEL, _REMEDIES[404]), (_NO_KEY, _REMEDIES[401])):
        if pattern.search(text):
            return ModelAccessError(f"{place.name} at {place.address}: {said}", remedy)
    return RequestFailedError(said)


def _sorted_connection(cause: BaseException, place: Place) -> Sorted:
    """A request that got no answer: perhaps there is no server at all."""
    import httpx

    kind, words = type(cause).__name__, cleaned(str(cause), place.key)
    if isinstance(cause, ReplyBoundError):
        return RequestFailedError(str(cause))
    if isinstance(cause, RedirectedError):
        return redirected(cause, place)
    if isinstance(cause, httpx.ConnectTimeout):
        return TransientError(f"{place.address} does not answer (no connection in time)", cure=_ADDRESS)
    if isinstance(cause, httpx.TimeoutException) or not isinstance(cause, Exception):
        return TransientError("the request took longer than the limit")
    if isinstance(cause, httpx.ReadError) or (
        isinstance(cause, httpx.RemoteProtocolError) and ("body" in words or "incomplete" in words)
    ):
        return TransientError(f"the connection to {place.address} failed in the middle of the reply ({kind})")
    message, cure = _unreachable(cause, kind, words, place)
    return TransientError(message, cure=cure)


def redirected(error: RedirectedError, place: Place) -> ModelAccessError:
    """A server that sends to another one is not followed: the prompts would go there."""
    target = cleaned(str(error), place.key)
    return ModelAccessError(
        f"{place.address} sends to another server, {target}, which is not asked.",
        "If you mean that one, name it with --base-url; else it may be the login page of a network.",
    )


def _unreachable(cause: Exception, kind: str, words: str, place: Place) -> tuple[str, str]:
    """What is wrong with the way to a server, and what to do."""
    low = words.lower()
    at = place.address
    if "refused" in low:
        return f"Nothing answers at {at} (connection refused).", _ADDRESS
    if any(one in low for one in ("name or service", "name resolution", "nodename", "no address", "getaddrinfo")):
        return f"There is no host of the name in {at} ({words}).", "Correct --base-url, or look at this machine's DNS."
    if "certificate" in low:
        return (
            f"The certificate of {at} is not accepted ({words}).",
            "Set SSL_CERT_FILE to the certificate authority's.",
        )
    if "ssl" in low or "tls" in low:
        return f"{at} does not speak TLS ({words}).", "Write http:// instead of https:// in --base-url."
    if kind == "ProxyError":
        return f"The proxy on the way to {at} refuses ({words}).", "Correct HTTP_PROXY, HTTPS_PROXY or NO_PROXY."
    if kind == "RemoteProtocolError":
        return f"What listens at {at} does not speak HTTP ({words}).", _ADDRESS
    return f"The connection to {at} failed ({kind}: {words}).", _ADDRESS


def page_words(text: str) -> str:
    """What a person would read on a web page: its title first."""
    text = text[:20_000]
    if not text.lstrip().startswith("<"):
        return text
    text = re.sub(r"(?is)<(script|style)\b.*?(?:</\1>|$)", " ", text)
    return " ".join(re.sub(r"<[^<>]*>", " ", text).split())


def cleaned(text: str, key: str | None) -> str:
    """A server's words on one line, shortened, without the key or anything that looks like one."""
    line = redacted(plain_line(text), (key,) if key else ())  # no key with something invisible between its letters
    return line if len(line) <= _TEXT_LIMIT else f"{line[:_TEXT_LIMIT]}..."


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` (or `retry-after-ms`) asks for; a date counts from now; None without one."""
    milliseconds, stated = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            return _positive(float(milliseconds) / 1000.0)
        if stated is not None:
            return _positive(float(stated))
    except ValueError:
        return _positive(_seconds_until(stated)) if stated is not None else None
    return None


def _positive(seconds: float | None) -> float | None:
    """The wait if it is one: not for a moment that has passed, and no "nan"."""
    return seconds if seconds is not None and math.isfinite(seconds) and seconds > 0.0 else None


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
