"""Best and worst of several, as pairs; and what the success metric answers in the place of people."""

from __future__ import annotations

from itertools import combinations

from autoreward.people.ends import in_words, metric_answers, pairs_of_ends, verdicts
from autoreward.people.pairs import favourite, strengths
from autoreward.people.preferences import make_preference
from autoreward.records import Choice, Judgement

FOUR = ["g00c00", "g00c01", "g00c02", "g00c03"]


def test_best_and_worst_of_four_are_five_pairs() -> None:
    assert pairs_of_ends(FOUR, "g00c02", "g00c00") == [
        ("g00c02", "g00c00"), ("g00c02", "g00c01"), ("g00c02", "g00c03"),  # the best beats all others
        ("g00c01", "g00c00"), ("g00c03", "g00c00"),  # the others beat the worst
    ]  # fmt: skip


def test_the_metric_prefers_by_success_and_then_by_progress() -> None:
    values = {"g00c00": (0.0, 0.1), "g00c01": (0.0, 0.3), "g00c02": (0.0, 0.2)}
    answers = metric_answers(FOUR, None, values)  # g00c03 was not measured
    assert answers == [("g00c01", "g00c00", "a"), ("g00c01", "g00c02", "a"), ("g00c02", "g00c00", "a")]
    told = [make_preference(str(place), "metric", pair[:2], pair[2]) for place, pair in enumerate(answers)]
    strong = strengths(FOUR, told)
    assert favourite(FOUR, told) == "g00c01" and strong["g00c01"] > strong["g00c02"] > strong["g00c00"]


def test_the_best_of_a_generation_stands_beside_the_favourite_so_far() -> None:
    values = {"g00c00": (2.0, 0.0), "g01c00": (1.0, 0.0), "g01c01": (0.5, 0.0)}
    assert metric_answers(["g01c00", "g01c01"], "g00c00", values)[-1] == ("g01c00", "g00c00", "b")
    values["g01c00"] = (3.0, 0.0)
    assert metric_answers(["g01c00", "g01c01"], "g00c00", values)[-1] == ("g01c00", "g00c00", "a")


def test_where_all_are_equal_nobody_is_best() -> None:
    values = {"g00c00": (1.0, 1.0), "g00c01": (1.0, 1.0)}
    assert metric_answers(FOUR, None, values) == [("g00c00", "g00c01", "tie")]
    assert metric_answers(FOUR, None, {}) == []


def words_of(shown: list[str], choice: Choice) -> str:
    answers = zip(combinations(shown, 2), verdicts(shown, choice), strict=True)
    said: list[tuple[tuple[str, str], Judgement]] = [(pair, verdict) for pair, verdict in answers if verdict]
    return in_words([make_preference(str(place), "anna", *one) for place, one in enumerate(said)])


def test_a_choice_says_something_of_each_pair_or_nothing() -> None:
    # pairs: 01 02 03 12 13 23
    assert verdicts(FOUR, Choice(best="g00c02", worst="g00c00")) == ["b", "b", "b", "b", None, "a"]
    assert verdicts(FOUR, Choice(best="g00c01")) == ["b", None, None, "a", "a", None]
    assert verdicts(FOUR[:2], Choice(best="g00c00", worst="g00c01")) == ["a"]
    assert verdicts(FOUR[:3], Choice(alike="both_bad")) == ["both_bad"] * 3


def test_a_choice_is_told_in_one_sentence() -> None:
    assert words_of(FOUR, Choice(best="g00c02", worst="g00c00")) == "g00c02 is the best and g00c00 the worst of 4"
    assert words_of(FOUR[:3], Choice(best="g00c01")) == "g00c01 is preferred to g00c00, g00c02"
    assert words_of(FOUR[:3], Choice(alike="tie")) == "g00c00, g00c01 and g00c02 are equally good"
    assert words_of(FOUR[:3], Choice(alike="both_bad")) == "g00c00, g00c01 and g00c02 are all bad"
    assert words_of(FOUR[:2], Choice(best="g00c01")) == "g00c01 is preferred to g00c00"
