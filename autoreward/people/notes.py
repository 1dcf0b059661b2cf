"""A person's notes: cleaned when they are written, and chosen for the next prompt.

A note is quoted in prompts as one line of a list, so it can neither open a fenced block nor look like a heading.
"""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.errors import UsageError
from autoreward.plain_text import plain_line
from autoreward.process_environment import known_secrets
from autoreward.records import Note
from autoreward.redaction import redacted

NOTE_LIMIT = 2_000  # characters of one note
PROMPT_LIMIT = 6_000  # characters of all notes in one prompt


def read_note(text: str) -> str:
    """A note as it is stored: one line, without control characters.

    Raises:
        UsageError: it says nothing, or is longer than a note may be.
    """
    note = redacted(_one_line(text), known_secrets())
    if not note:
        raise UsageError("The note is empty.", 'Say in words what you saw: "the left foot drags".')
    if len(note) > NOTE_LIMIT:
        raise UsageError(f"The note has {len(note)} characters, at most {NOTE_LIMIT} are read.", "Say it shorter.")
    return note


def for_brief(notes: Sequence[Note], limit: int = PROMPT_LIMIT) -> tuple[Note, ...]:
    """The notes of the next prompt: the newest that fit, oldest first, each one said once.

    Args:
        notes: all notes of a run, in any order.
        limit: characters in total.
    """
    chosen: list[Note] = []
    said: set[tuple[str, str | None]] = set()
    for note in sorted(notes, key=lambda one: one.id, reverse=True):
        text = _one_line(note.text)[:NOTE_LIMIT]
        if not text or (text, note.candidate) in said:
            continue
        limit -= len(text)
        if limit < 0:
            break
        said.add((text, note.candidate))
        chosen.append(note.model_copy(update={"text": text}))
    return tuple(reversed(chosen))


def _one_line(text: str) -> str:
    return plain_line(text).replace("```", "'''").replace("~~~", "'''")
