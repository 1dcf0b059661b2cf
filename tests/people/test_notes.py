"""Notes are one clean line each, and the newest reach the prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.errors import UsageError
from autoreward.people.notes import NOTE_LIMIT, for_brief, read_note
from autoreward.records import Note


def test_a_note_is_one_line_without_escapes_and_fences() -> None:
    assert read_note("  the left foot\n\x1b[31mdrags\x1b[0m ```python\n") == "the left foot drags '''python"


@pytest.mark.parametrize("text", ["", " \n\t", "\x1b[0m", "\u200b"])
def test_an_empty_note_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="empty"):
        read_note(text)


def test_a_note_may_be_so_long_and_no_longer() -> None:
    assert len(read_note("x" * NOTE_LIMIT)) == NOTE_LIMIT
    with pytest.raises(UsageError, match="2001 characters"):
        read_note("x" * (NOTE_LIMIT + 1))


def test_the_newest_notes_that_fit_come_oldest_first() -> None:
    notes = [Note(id=1, text="aaaa"), Note(id=3, text="cccc", candidate="g00c01"), Note(id=2, text="bbbb")]
    assert [note.text for note in for_brief(notes)] == ["aaaa", "bbbb", "cccc"]
    assert [note.id for note in for_brief(notes, limit=8)] == [2, 3]
    assert for_brief(notes)[2].candidate == "g00c01"


def test_a_repeated_note_is_said_once_where_it_is_newest() -> None:
    notes = [Note(id=1, text="smoother"), Note(id=2, text="faster"), Note(id=3, text=" smoother ")]
    assert [note.id for note in for_brief(notes)] == [2, 3]


@given(st.lists(st.text(max_size=50)))
def test_whatever_was_stored_stays_on_one_line(texts: list[str]) -> None:
    for note in for_brief([Note(id=index, text=text) for index, text in enumerate(texts)]):
        assert note.text == note.text.strip()
        assert len(note.text.splitlines()) == 1
        assert "```" not in note.text
