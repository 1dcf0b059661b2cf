"""How far raters agree: with themselves when a pair is shown mirrored, with each other, with the success metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoreward.records import Preference

SIDED = 2  # contradictions by side from which it is said


@dataclass(frozen=True)
class SelfAgreement:
    """What a rater said to pairs that were shown twice."""

    asked: int  # pairs
    agreed: int
    left: int  # of the contradictions: both times the left one was chosen
    right: int

    @property
    def problem(self) -> str:
        """What to say of somebody who chooses by the side; "" where nothing is."""
        side = "left" if self.left >= self.right else "right"
        sided = max(self.left, self.right)
        if sided < SIDED or sided <= self.agreed:
            return ""
        return f"{sided} of {self.asked} pairs that were shown twice were answered by the {side} side, not by the clip."


def self_agreement(told: Sequence[Preference], rater: str) -> SelfAgreement:
    """How a rater answered the pairs that were asked about twice."""
    answers: dict[tuple[str, str], list[Preference]] = {}
    for one in told:
        if one.rater == rater and one.shown:
            answers.setdefault((one.a, one.b), []).append(one)
    pairs = [several[:2] for several in answers.values() if len(several) > 1]
    differing = [(first, second) for first, second in pairs if first.verdict != second.verdict]
    chosen = [(_side(first), _side(second)) for first, second in differing]
    return SelfAgreement(len(pairs), len(pairs) - len(differing), chosen.count((0, 0)), chosen.count((1, 1)))


def _side(one: Preference) -> int | None:
    """On which side the preferred one stood: 0 left, 1 right."""
    return one.shown.index(one.preferred) if one.preferred in one.shown else None


def agreement_with_others(told: Sequence[Preference], rater: str) -> tuple[int, int]:
    """Of a rater's choices, those that another rater made too, and all that another rater answered."""
    others: dict[tuple[str, str], set[str | None]] = {}
    for one in told:
        if one.rater != rater:
            others.setdefault((one.a, one.b), set()).add(one.preferred)
    mine = [one for one in told if one.rater == rater and (one.a, one.b) in others]
    return sum(others[one.a, one.b] == {one.preferred} for one in mine), len(mine)


def agreement_with_values(
    told: Sequence[Preference], values: Mapping[str, float], rater: str | None = None
) -> tuple[int, int]:
    """Of the choices, those for the larger value, and all between candidates whose values differ.

    Args:
        values: of the success metric, or of anything else, by candidate.
        rater: whose choices; None: everybody's.
    """
    chosen = [
        (one.preferred, one.other)
        for one in told
        if rater in (None, one.rater) and one.preferred in values and one.other in values
    ]
    differing = [(values[a], values[b]) for a, b in chosen if a and b and values[a] != values[b]]
    return sum(better > worse for better, worse in differing), len(differing)
