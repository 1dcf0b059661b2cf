"""What can go wrong with a request, sorted: another try, this request alone, or for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from autoreward.errors import ModelAccessError
from autoreward.llm.deadline import RedirectedError, ReplyBoundError
from autoreward.llm.retry import RequestFailedError, TransientError
from autoreward.llm.trouble import Complaint, Place, asked_wait, cleaned, complaint_in, page_words, sorted_complaint
from autoreward.llm.trouble import _sorted_connection as sorted_connection

PLACE = Place("openai/m", "127.0.0.1:8000", "sk-secret-0123456789")


@pytest.mark.parametrize(
    ("status", "words", "code", "kind"),
    [
        (429, "slow down", "", TransientError),
        (503, "", "", TransientError),
        (408, "", "", TransientError),
        (429, "no money", "insufficient_quota", ModelAccessError),
        (400, "flagged by our content policy", "", RequestFailedError),
        (400, "maximum context length is 10 tokens", "", RequestFailedError),
        (400, "does not support chat", "", ModelAccessError),
        (400, "model 'x' does not exist", "", ModelAccessError),
        (400, "invalid api key", "", ModelAccessError),
        (400, "something", "", RequestFailedError),
        (401, "", "", ModelAccessError),
        (404, "", "", ModelAccessError),
        (418, "", "", ModelAccessError),
        (None, "anything", "", RequestFailedError),
    ],
)
def test_a_complaint_is_sorted(status: int | None, words: str, code: str, kind: type[Exception]) -> None:
    found = sorted_complaint(Complaint(status, words, code), PLACE)
    assert type(found) is kind
    assert not isinstance(found, ModelAccessError) or found.remedy


@pytest.mark.parametrize(
    ("cause", "kind", "words"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), TransientError, "Nothing answers at 127.0.0.1:8000"),
        (httpx.ConnectError("Name or service not known"), TransientError, "There is no host of the name"),
        (httpx.ConnectError("certificate verify failed"), TransientError, "is not accepted"),
        (httpx.ConnectError("[SSL] record layer failure"), TransientError, "does not speak TLS"),
        (httpx.ProxyError("403 Forbidden"), TransientError, "The proxy on the way"),
        (httpx.RemoteProtocolError("illegal status line"), TransientError, "does not speak HTTP"),
        (httpx.RemoteProtocolError("incomplete chunked read"), TransientError, "in the middle of the reply"),
        (httpx.ReadError(""), TransientError, "in the middle of the reply"),
        (httpx.ConnectTimeout(""), TransientError, "no connection in time"),
        (httpx.ReadTimeout(""), TransientError, "took longer than the limit"),
        (OSError("strange"), TransientError, "The connection to 127.0.0.1:8000 failed (OSError: strange)"),
        (ReplyBoundError("too long"), RequestFailedError, "too long"),
        (RedirectedError("http://login.hotel"), ModelAccessError, "another server, http://login.hotel, which is not"),
    ],
)
def test_no_answer_at_all_is_sorted(cause: Exception, kind: type[Exception], words: str) -> None:
    found = sorted_connection(cause, PLACE)
    assert type(found) is kind and words in str(found)


def test_a_servers_words_are_one_short_line_without_the_key() -> None:
    text = cleaned(f"bad\nkey sk-secret-0123456789 {'x' * 1000}", PLACE.key)
    assert "secret" not in text and "\n" not in text
    assert len(text) == 303 and text.endswith("...")


def test_the_error_in_an_answer_that_claims_to_be_well() -> None:
    assert complaint_in({"choices": []}) is None
    assert complaint_in({"error": "down"}) == Complaint(None, "down")
    told = complaint_in({"error": {"code": 429, "message": "slow", "type": "rate", "param": "p"}})
    assert told == Complaint(429, "slow", "429 rate", "p")
    odd = complaint_in({"error": {"code": "200", "message": "fine"}})
    assert odd is not None and odd.status is None
    assert complaint_in({"detail": "who are you"}) == Complaint(None, "who are you")


def test_what_a_person_would_read_on_a_page() -> None:
    page = "<html><style>p{}</style><title>Hotel</title>\n<p>Log <b>in</b></p><script>x"
    assert page_words(page) == "Hotel Log in"
    assert page_words("no page") == "no page"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None), ({"retry-after": "2"}, 2.0), ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "-1"}, None), ({"retry-after": "0"}, None), ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None), ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, None),
    ],
)  # fmt: skip
def test_the_wait_that_a_server_asks_for(headers: dict[str, str], wait: float | None) -> None:
    assert asked_wait(headers) == wait


def test_a_date_counts_from_now() -> None:
    wait = asked_wait({"retry-after": format_datetime(datetime.now(UTC) + timedelta(hours=1))})
    assert wait is not None and 3000 < wait <= 3600
