"""JSON that is safe for a terminal, and texts as people read them."""

from __future__ import annotations

import json

import pytest

from autoreward.cli.output import clock, dollars, json_line
from autoreward.views import ErrorBody, ErrorView


def test_json_is_safe_on_a_terminal_and_keeps_its_text() -> None:
    hostile = "\x1b[31m \x9b31m \x7f \u202e \u200b ü <b>"
    view = ErrorView(error=ErrorBody(type="X", message=hostile, remedy=""))
    line = json_line(view)
    assert not set(line) & set("\x1b\x9b\x7f\u202e\u200b\n")
    assert json.loads(line)["error"]["message"] == hostile


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (860, "14:20"), (7385, "2:03:05")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_dollars() -> None:
    assert dollars(0.8371) == "$0.84"
    assert dollars(None) == "cost unknown"
