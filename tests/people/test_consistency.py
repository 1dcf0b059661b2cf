"""Agreement with oneself, with others and with a value, counted by hand."""

from __future__ import annotations

from autoreward.people.consistency import agreement_with_others, agreement_with_values, self_agreement
from autoreward.records import Preference
from tests.people.test_pairs import said

A, B, C = "g00c00", "g00c01", "g00c02"


def shown(left: str, right: str, chosen: str, number: int) -> Preference:
    one = said(*([left, right] if chosen == left else [right, left]), number=number)
    return one.model_copy(update={"shown": (left, right)})


def test_who_always_answers_left_is_noticed_by_mirrored_pairs() -> None:
    told = [shown(A, B, A, 0), shown(B, A, B, 1), shown(A, C, A, 0), shown(C, A, C, 1)]
    found = self_agreement(told, "anna")
    assert (found.asked, found.agreed, found.left, found.right) == (2, 0, 2, 0)
    assert found.problem == "2 of 2 pairs that were shown twice were answered by the left side, not by the clip."


def test_who_agrees_with_itself_is_left_alone() -> None:
    told = [shown(A, B, A, 0), shown(B, A, A, 1), shown(A, C, A, 0), shown(C, A, C, 1)]
    found = self_agreement(told, "anna")
    assert (found.asked, found.agreed, found.problem) == (2, 1, "")
    assert self_agreement(told, "ben").asked == 0


def test_others_and_values() -> None:
    told = [said(A, B), said(A, C), said(B, A, rater="ben"), said(A, C, rater="ben")]
    assert agreement_with_others(told, "anna") == (1, 2)
    assert agreement_with_values(told, {A: 2.0, B: 1.0, C: 3.0}) == (1, 4)
    assert agreement_with_values(told, {A: 2.0, B: 1.0, C: 2.0}, "anna") == (1, 1)
