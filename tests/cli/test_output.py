"""Text that is safe for a terminal, and numbers as people read them."""

from __future__ import annotations

import json

import pytest

from autoreward.cli.output import clock, dollars, finding_text, fit, json_line, plain
from autoreward.records import Finding, Fitness
from autoreward.views import ErrorBody, ErrorView


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x00b\x08c\rd", "abcd"),
        ("\u202egnp.exe", "gnp.exe"),
        ("tab\tand\nline, umlaut ü, [bold]no markup[/bold]", "tab\tand\nline, umlaut ü, [bold]no markup[/bold]"),
    ],
)
def test_plain(hostile: str, harmless: str) -> None:
    assert plain(hostile) == harmless


def test_json_is_safe_on_a_terminal_and_keeps_its_text() -> None:
    hostile = "\x1b[31m \x9b31m \x7f \u202e \u200b ü <b>"
    view = ErrorView(error=ErrorBody(type="X", message=hostile, remedy=""))
    line = json_line(view)
    assert not set(line) & set("\x1b\x9b\x7f\u202e\u200b\n")
    assert json.loads(line)["error"]["message"] == hostile


def test_fit() -> None:
    assert fit(None) == "-"
    assert fit(Fitness(mean=0.7123, low=0.6222, high=0.8, seeds=5, episodes=50)) == "0.712 [0.622, 0.8]"
    assert fit(Fitness(mean=1234.4, low=None, high=None, seeds=1, episodes=10)) == "1,234"


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (860, "14:20"), (7385, "2:03:05")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_dollars() -> None:
    assert dollars(0.8371) == "$0.84"
    assert dollars(None) == "cost unknown"


def test_a_finding_names_rule_line_and_remedy() -> None:
    finding = Finding(rule="static.field", severity="error", line=4, message="no \x1b[1mheight", remedy="Use torso_z.")
    assert finding_text(finding) == "error static.field: line 4: no height\n      Use torso_z."
