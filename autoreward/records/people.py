"""What people say of candidates whose policies they have watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from autoreward.records.record import Record

Judgement = Literal["a", "b", "tie", "both_bad"]
RaterKind = Literal["person", "model", "metric"]


class Preference(Record):
    """Which of two candidates somebody prefers, by what their policies do. `a` is the one with the smaller id."""

    question: str  # what it answers, which has one answer: "anna/g01c02-g01c03/0"; the number counts askings
    a: str
    b: str
    verdict: Judgement
    rater: str
    by: RaterKind = "person"  # model: one that looks at frames; metric: the success metric, in measurements
    reasons: tuple[str, ...] = ()
    notes: tuple[int, ...] = ()  # ids of the notes that were made while the two were watched
    clips: Mapping[str, str] = Field(default_factory=dict)  # sha256 of the clip that was shown, by candidate
    shown: tuple[str, ...] = ()  # from left to right; none where it was said without being asked
    choice: str | None = None  # the first question that the same choice among several answered; None: it is that one

    @property
    def preferred(self) -> str | None:
        """The better of the two; None where neither is."""
        return {"a": self.a, "b": self.b}.get(self.verdict)

    @property
    def other(self) -> str | None:
        """The worse of the two; None where neither is."""
        return {"a": self.b, "b": self.a}.get(self.verdict)

    def in_words(self) -> str:
        """`g01c02 is preferred to g01c03: smoother`."""
        said = {"tie": f"{self.a} and {self.b} are equally good", "both_bad": f"both {self.a} and {self.b} are bad"}
        words = said.get(self.verdict, f"{self.preferred} is preferred to {self.other}")
        return f"{words}: {'; '.join(self.reasons)}" if self.reasons else words


class Choice(Record):
    """What somebody chose among several candidates that were shown together."""

    best: str | None = None
    worst: str | None = None  # None: nothing is said of the others
    alike: Literal["tie", "both_bad"] | None = None  # in place of both: all are equally good, all are bad


class Proposal(Record):
    """A candidate of the next generation that a person made of an earlier one, by other weights."""

    candidate: str  # whose program it is
    weights: Mapping[str, float]  # by term
    rater: str


class TermSums(Record):
    """What the terms of one program sum up to over the watched episode of each candidate, unweighted."""

    program: str  # the candidate whose program it is
    terms: tuple[str, ...]
    weights: tuple[float, ...]  # of the program
    sums: Mapping[str, tuple[float, ...]]  # by candidate, in the order of the terms


class Withdrawal(Record):
    """A preference does not count any more: whoever gave it took it back."""

    question: str
