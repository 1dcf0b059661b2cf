"""What a language model says of candidates beside the numbers: it orders and refuses nothing."""

from __future__ import annotations

from typing import Literal

from autoreward.records.record import Record

RemarkKind = Literal["meaning", "trajectory"]


class Remark(Record):
    """One thing that was said of a candidate."""

    candidate: str
    kind: RemarkKind  # meaning: of its program beside the text; trajectory: of what its policies do
    text: str  # what is wrong, or why it is so
    proposal: str = ""  # what to try

    @property
    def in_words(self) -> str:
        """On one line, with who says it."""
        who = "critic" if self.kind == "meaning" else "analyst"
        end = "" if self.text.endswith((".", "!", "?")) else "."
        return f"{who}: {self.text}{end}{f' Proposal: {self.proposal}' if self.proposal else ''}"


class Remarks(Record):
    """What one reply said of a generation."""

    remarks: tuple[Remark, ...] = ()
    unread: str = ""  # what was wrong with the reply
