"""What a source may look like before it is parsed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.reward.language.grammar import SOURCE_LIMIT
from autoreward.reward.language.text_rules import identifier_findings, layout_findings, text_findings


def test_plain_text_is_fine() -> None:
    assert text_findings('"""Läuft, so schnell es geht."""\n\tx = 1\r\n') == []


@pytest.mark.parametrize(
    ("source", "rule", "line", "words"),
    [
        ("x = '\ud800'", "static.text", None, "not UTF-8"),
        ("#" * (SOURCE_LIMIT + 1), "static.size", None, f"has {SOURCE_LIMIT + 1} bytes"),
        ("é" * SOURCE_LIMIT, "static.size", None, f"has {2 * SOURCE_LIMIT} bytes"),
        ("# coding: latin-1\n", "static.text", 1, "the encoding 'latin-1'"),
        ("\n# -*- coding: utf_7 -*-\n", "static.text", 2, "the encoding 'utf_7'"),
        ("a = 1\nb\u202e = 2\n", "static.text", 2, "U+202E"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(source: str, rule: str, line: int | None, words: str) -> None:
    (finding,) = text_findings(source)
    assert (finding.rule, finding.line) == (rule, line)
    assert words in finding.message and finding.remedy


@pytest.mark.parametrize("source", ["# coding: utf-8\n", "# coding=UTF_8\n", "a = 1\nb = 2\n# coding: latin-1\n"])
def test_a_coding_line_that_changes_nothing_is_fine(source: str) -> None:
    assert layout_findings(source) == []


def test_a_name_that_only_looks_like_plain_letters() -> None:
    (finding,) = identifier_findings("x = 1\n\uff4anp = x\n")
    assert finding.line == 2 and "'\uff4anp'" in finding.message
    assert identifier_findings("x = '\uff4anp'  # \uff4anp\n") == []


def test_text_that_is_no_tokens_is_a_finding() -> None:
    assert [finding.rule for finding in identifier_findings("é = (\n")][-1] == "static.text"


@given(st.text(max_size=200))
def test_any_text_is_answered(source: str) -> None:
    findings = [*text_findings(source), *identifier_findings(source)]
    assert all(finding.severity == "error" and finding.remedy for finding in findings)
