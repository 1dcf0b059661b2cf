"""What `prefer` prints: a preference that was stored, and the pair that is asked about next."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from autoreward.records import Judgement, Preference
from autoreward.views.view import Part, View


class PairView(View):
    """Two candidates to be watched side by side. question None: nothing is left to be asked."""

    run: str
    rater: str
    question: str | None = None
    shown: tuple[str, ...] = ()  # from left to right
    clips: dict[str, str | None] = Field(default_factory=dict)  # file of each; None: it cannot be drawn here
    problem: str | None = None  # why not
    remaining: int = 0  # pairs that are still asked about, this one among them


class ReportView(View):
    """`report`: the page that was written."""

    run: str
    file: str
    clips: int  # that lie beside it, or in it


class UiView(View):
    """`ui`: where the page is served, until it is stopped."""

    address: str  # with the token
    port: int
    ssh: str  # the command that forwards the port from another machine


class NoteView(View):
    """A note that was stored."""

    run: str
    id: int
    text: str
    candidate: str | None
    rater: str | None
    step: int | None  # control step of the candidate's first evaluation episode
    seconds: float | None  # [s] since the reset
    income: tuple[tuple[str, float], ...]  # what each term paid in the second around it


class PreferencePart(Part):
    """What somebody prefers."""

    question: str
    a: str
    b: str
    verdict: Judgement
    preferred: str | None
    rater: str
    by: Literal["person", "model", "metric"] = "person"
    reasons: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


class PreferenceView(PreferencePart, View):
    """One preference, and what became of it. answered before: that one stays, what was said now is not stored."""

    run: str
    status: Literal["stored", "withdrawn", "answered before"]
    remaining: int  # pairs that this rater is still asked about


def preference_part(one: Preference) -> PreferencePart:
    """A preference as it is printed."""
    return PreferencePart(preferred=one.preferred, **one.model_dump(include=set(PreferencePart.model_fields)))
