"""Text of a model cannot steer a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.llm.plain import plain


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
    ],
)
def test_known_sequences(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(alphabet=st.sampled_from("\x1b[]0;mH\x07\\ab\n\x9b\x9d\r\t"), max_size=40))
def test_no_control_character_is_left_and_twice_is_once(text: str) -> None:
    cleaned = plain(text)
    assert not set(cleaned) & {chr(code) for code in [*range(32), *range(127, 160)]} - {"\n", "\t"}
    assert plain(cleaned) == cleaned
