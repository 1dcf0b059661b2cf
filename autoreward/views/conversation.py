"""What `show --conversation` prints: what a designer was asked for a candidate, and what it said."""

from __future__ import annotations

from autoreward.records import Message, Usage
from autoreward.views.view import Part, View


class TurnView(Part):
    """One request and its reply. status None: nothing came back yet."""

    prompt: str  # id: "g00c00", its repair "g00c00r1", "g00c00+" where it was put anew
    messages: tuple[Message, ...]
    status: str | None = None
    reply: str = ""
    designer: str = ""
    model: str | None = None  # that answered, as the server says it
    finish_reason: str | None = None
    latency: float | None = None  # [s]
    tries: int = 1
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()


class ConversationView(View):
    """All that was asked and said for one candidate."""

    run: str
    candidate: str
    turns: tuple[TurnView, ...]
