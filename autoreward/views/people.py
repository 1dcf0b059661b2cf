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


class SeveralView(View):
    """Several candidates that are shown together, and what is asked about each two of them."""

    run: str
    rater: str
    shown: tuple[str, ...]  # from left to right
    questions: tuple[str, ...]  # in the order of their pairs: first and second, first and third, ...


class TasteTerm(Part):
    """One term of the program that tastes are told in."""

    name: str
    weight: float  # of the program
    liked: tuple[float, ...]  # for each taste, the weight that explains its choices; as large in all as the program's
    pull: tuple[float, ...]  # for each taste, how strongly a standard deviation of the term draws a choice


class OneTaste(Part):
    """One taste, and who shares it."""

    raters: tuple[str, ...]
    accuracy: float | None  # share of their choices that it foretells


class RaterView(Part):
    """One rater. Pairs of numbers are (agreed, asked)."""

    rater: str
    answers: int
    itself: tuple[int, int]  # pairs that were shown twice, mirrored
    others: tuple[int, int]
    metric: tuple[int, int]
    problem: str  # "" where there is none: "2 of 2 ... were answered by the left side"


class Explanation(Part):
    """Something whose value is larger, or smaller, for the preferred one."""

    name: str
    direction: Literal["larger", "smaller"]
    choices: int
    of: int


class TasteView(View):
    """`taste`: what explains the choices of people, and how far they agree."""

    run: str
    program: str  # the candidate in whose terms it is told
    answers: int
    terms: tuple[TasteTerm, ...]
    tastes: tuple[OneTaste, ...]
    raters: tuple[RaterView, ...]
    fields: tuple[Explanation, ...]
    symptoms: tuple[Explanation, ...]
    files: tuple[str, ...] = ()  # a program for each taste


class ProposalView(View):
    """A candidate with other weights that the next generation tries."""

    run: str
    candidate: str  # whose program it is
    weights: dict[str, float]
    rater: str


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


class TrackView(View):
    """`track`: where a run lies for the pages where people already look."""

    run: str
    to: Literal["tensorboard", "wandb"]
    folder: str
    series: int  # curves
    open_with: str  # the command that shows it


class AcceptedView(View):
    """`metric RUN --accept`: who says that the metric measures what is meant."""

    run: str
    metric: str  # in words
    accepted: tuple[str, ...]  # raters


def preference_part(one: Preference) -> PreferencePart:
    """A preference as it is printed."""
    return PreferencePart(preferred=one.preferred, **one.model_dump(include=set(PreferencePart.model_fields)))
