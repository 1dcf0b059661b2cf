"""Which pair is asked about next, and what the answers come to."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.people.pairs import ROUND, Disputed, favourite, next_pair, remaining, sides, strengths
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


def most_like(wanted: tuple[str, str], spread: float) -> Disputed:
    """A dispute about one pair; where it is not among those that may be asked about, about the first of them."""

    def most(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str] | None, float]:
        return (wanted if wanted in pairs else next(iter(pairs), None)), spread

    return most


def test_the_most_disputed_pair_is_asked_about_first_of_those_with_a_new_candidate() -> None:
    disputed = most_like(("g00c01", "g00c03"), 0.4)
    assert next_pair(FOUR, [], "anna", disputed) == ("g00c01", "g00c03")
    told = [said("g00c01", "g00c03")]
    assert next_pair(FOUR, told, "anna", most_like(("g00c00", "g00c02"), 0.4)) == ("g00c00", "g00c02")
    known = most_like(("g00c01", "g00c03"), 0.4)
    assert next_pair(FOUR, told, "anna", known) == ("g00c00", "g00c01"), "no pair is asked about twice for it"


def test_what_stays_disputed_is_asked_about_up_to_ten_pairs() -> None:
    many = [f"g00c{number:02d}" for number in range(6)]
    told: list[Preference] = []
    while (pair := next_pair(many, told, "anna", most_like(("", ""), 0.4))) is not None:
        assert 1 <= remaining(many, told, "anna", most_like(("", ""), 0.4)) <= ROUND - len(told)
        told.append(said(*pair))
    assert len(told) == ROUND and len({(one.a, one.b) for one in told}) == ROUND - 1, "one of ten is asked twice"


def test_where_all_fits_agree_nothing_more_is_asked() -> None:
    told: list[Preference] = []
    while (pair := next_pair(FOUR, told, "anna", most_like(("", ""), 0.01))) is not None:
        told.append(said(*pair))
    assert {name for one in told for name in (one.a, one.b)} == set(FOUR) and len(told) <= 3
    nobody_knows: Disputed = lambda pairs: (None, 0.0)  # noqa: E731
    assert next_pair(FOUR, [], "anna", nobody_knows) == next_pair(FOUR, [], "anna")
