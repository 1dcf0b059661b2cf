"""Sorts what can go wrong with a request: what another try may mend, and what it cannot.

Nothing that is shown or stored from here contains a key: texts of servers are cleaned, and errors of the client
library, which hold the request, are not chained.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from autoreward.errors import ModelAccessError, ModelError
from autoreward.llm.retry import TransientError
from autoreward.plain_text import plain_line

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAIError

_RETRIED = frozenset({408, 409, 425, 429})
_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded"})
_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|key|gsk|xai|AIza)[-_][\w\-*.]{6,}|\bBearer\s+\S+", re.IGNORECASE)
_TEXT_LIMIT = 300  # characters of a server's own words
_REMEDIES = {
    401: "Check the key in OPENAI_API_KEY, and that it belongs to this server.",
    402: "The account has no credit left: add some, or choose another model with --model.",
    403: "The key is not allowed to use this model: choose another with --model.",
    404: "Check the name after the slash in --model, and --base-url.",
}
_OTHER_REMEDY = "The server refuses the request itself: check that the model takes chat messages of this length."
_QUOTA_REMEDY = "The account's quota is used up. Continue later with `autoreward resume`, or choose another --model."


def sorted_error(error: OpenAIError, name: str, key: str | None) -> TransientError | ModelError:
    """What to raise instead of an error of the client library: TransientError, or an error that ends the run.

    Args:
        error: what the client raised.
        name: of the model, for the message.
        key: which is cut out of every text.
    """
    import openai

    if isinstance(error, openai.APIStatusError):
        return _sorted_status(error, name, key)
    if isinstance(error, openai.APITimeoutError):
        return TransientError("the request took longer than the limit")
    if isinstance(error, openai.APIConnectionError):
        return TransientError(f"the connection failed ({type(error.__cause__ or error).__name__})")
    return TransientError(f"the reply cannot be read ({type(error).__name__})", unreadable=True)


def _sorted_status(error: APIStatusError, name: str, key: str | None) -> TransientError | ModelError:
    status = error.status_code
    told = cleaned(_own_words(error), key)
    said = f"status {status}{f': {told}' if told else ''}"
    if {error.code, error.type} & _NO_MONEY:
        return ModelAccessError(f"{name}: {said}", _QUOTA_REMEDY)
    if status in _RETRIED or status >= 500:
        return TransientError(said, wait=asked_wait(error.response.headers))
    return ModelAccessError(f"{name}: {said}", _REMEDIES.get(status, _OTHER_REMEDY))


def _own_words(error: APIStatusError) -> str:
    body = error.body
    if isinstance(body, Mapping) and isinstance(body.get("message"), str):
        return str(body["message"])
    return body if isinstance(body, str) else ""


def cleaned(text: str, key: str | None) -> str:
    """A server's words on one line, shortened, without the key or anything that looks like one."""
    line = plain_line(text)  # first, so that nothing invisible stands between the letters of a key
    line = _LIKE_A_KEY.sub("[key]", line.replace(key, "[key]") if key else line)
    return line if len(line) <= _TEXT_LIMIT else f"{line[:_TEXT_LIMIT]}..."


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` (or `retry-after-ms`) asks for; a date counts from now; None without one."""
    milliseconds, stated = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            return max(0.0, float(milliseconds) / 1000.0)
        if stated is not None:
            return max(0.0, float(stated))
    except ValueError:
        return _seconds_until(stated) if stated is not None else None
    return None


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
