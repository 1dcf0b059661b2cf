"""What is shown cannot steer a terminal, hide anything or change its order."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.plain_text import escape_json, plain, plain_line
from tests.hostile_text import ANY_TEXT, is_hidden


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words\n\tstay", "plain words\n\tstay"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("over\rwritten\r\nend", "over\nwritten\nend"),
        ("a\x08\x00\x7fb", "ab"),
        ("\u202eright to left\u2066 zero\u200bwidth", "right to left zerowidth"),
        ("\x1b[999", ""),
        ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"),
        (
            "arabic\u061c soft\u00ad mark\ufeff tag\U000e0041\U000e007f variant\U000e0100\ufe0f",
            "arabic soft mark tag variant",
        ),
        ("filler\u3164\u115f\uffa0 speed [m/s\x1b[8m]", "filler speed [m/s]"),
        ("file-\udcff.py", "file-\ufffd.py"),
        ("umlaut ü, 中, \U0001f600, [bold]", "umlaut ü, 中, \U0001f600, [bold]"),
    ],
)
def test_known_sequences(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(alphabet=st.sampled_from("\x1b[]0;mH\x07\\ab\n\x9b\x9d\r\t"), max_size=40))
def test_no_control_character_is_left_and_twice_is_once(text: str) -> None:
    cleaned = plain(text)
    assert not set(cleaned) & {chr(code) for code in [*range(32), *range(127, 160)]} - {"\n", "\t"}
    assert plain(cleaned) == cleaned


@given(ANY_TEXT)
def test_nothing_invisible_is_left(text: str) -> None:
    cleaned = plain(text)
    assert not [letter for letter in cleaned if is_hidden(letter)]
    assert plain(cleaned) == cleaned
    assert "\n" not in plain_line(text)
    cleaned.encode()  # a terminal can be sent it


@given(ANY_TEXT)
def test_json_keeps_every_character_and_shows_none_of_the_hidden(text: str) -> None:
    line = escape_json(json.dumps(text, ensure_ascii=False))
    assert not [letter for letter in line if is_hidden(letter) or letter == "\n"]
    halves_joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")  # as JSON reads them
    assert json.loads(line) == halves_joined
