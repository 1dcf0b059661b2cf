"""Which pair is asked about next, and what the answers come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.people.pairs import ROUND, favourite, next_pair, remaining, sides, strengths
from autoreward.people.preferences import make_preference
from autoreward.records import Judgement, Preference

FOUR = ["g00c00", "g00c01", "g00c02", "g00c03"]


def said(left: str, right: str, verdict: Judgement = "a", rater: str = "anna", number: int = 0) -> Preference:
    return make_preference(f"{rater}/{min(left, right)}-{max(left, right)}/{number}", rater, (left, right), verdict)


def ask_all(candidates: list[str], told: list[Preference], order: list[str], rater: str = "anna") -> list[Preference]:
    """Answers what is asked until nothing is; who stands earlier in `order` is better."""
    told = list(told)
    while (pair := next_pair(candidates, told, rater)) is not None:
        told.append(said(*sorted(pair, key=order.index), rater=rater))
    return told


@given(st.permutations(FOUR))
def test_every_candidate_is_compared_once_and_the_best_is_found(order: list[str]) -> None:
    told = ask_all(FOUR, [], order)
    assert len(told) == 3
    assert favourite(FOUR, told) == order[0]
    assert remaining(FOUR, told, "anna") == 0


def test_what_is_left_is_counted_down() -> None:
    told: list[Preference] = []
    left = []
    while (pair := next_pair(FOUR, told, "anna")) is not None:
        left.append(remaining(FOUR, told, "anna"))
        told.append(said(*pair))
    assert left == [3, 2, 1]


def test_the_next_generation_meets_the_favourite_of_the_last() -> None:
    told = ask_all(FOUR, [], FOUR)
    assert next_pair([*FOUR, "g01c00"], told, "anna") == ("g00c00", "g01c00")


def test_a_round_has_ten_pairs_at_most() -> None:
    many = [f"g00c{number:02d}" for number in range(20)]
    told = ask_all(many, [], many)
    assert len(told) == ROUND
    assert len(ask_all([*many, "g01c00", "g01c01"], told, [*many, "g01c00", "g01c01"])) > ROUND


def test_each_rater_is_asked_for_themselves() -> None:
    told = ask_all(FOUR, [], FOUR)
    assert next_pair(FOUR, told, "anna") is None
    assert next_pair(FOUR, told, "ben") is not None


@pytest.mark.parametrize("candidates", [[], ["g00c00"]])
def test_it_takes_two_to_compare(candidates: list[str]) -> None:
    assert next_pair(candidates, [], "anna") is None


def test_without_answers_nobody_is_preferred() -> None:
    assert favourite(FOUR, []) is None
    assert strengths(FOUR, []) == dict.fromkeys(FOUR, 0.0)


def test_both_bad_is_a_defeat_of_both() -> None:
    strong = strengths(FOUR, [said("g00c00", "g00c01", "both_bad")])
    assert strong["g00c00"] == pytest.approx(strong["g00c01"])
    assert strong["g00c00"] < strong["g00c02"] == 0.0


def test_a_preference_for_candidates_that_are_gone_counts_for_nothing() -> None:
    assert favourite(FOUR[:2], [said("g00c00", "g00c03")]) in ("g00c00", None)
    assert strengths(FOUR[:2], [said("g00c00", "g00c03")])["g00c00"] == 0.0


def test_the_sides_of_a_question_stay_and_are_mirrored_when_it_is_asked_again() -> None:
    pair = ("g00c00", "g00c01")
    shown = [sides(pair, f"anna/g00c00-g00c01/{number}") for number in range(4)]
    assert shown == [shown[0], shown[0][::-1]] * 2
    assert {sides(pair, f"{rater}/g00c00-g00c01/0") for rater in "abcdefgh"} == {pair, pair[::-1]}


def test_one_in_ten_is_asked_again() -> None:
    ten = [f"g00c{number:02d}" for number in range(10)]
    told = ask_all(ten, [], ten)
    assert len(told) == ROUND and (told[-1].a, told[-1].b) == (told[0].a, told[0].b)
    assert len(ask_all(ten[:9], [], ten)) == 8, "eight answers are too few for it"
