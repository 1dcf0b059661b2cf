"""Best and worst of several, as pairs; and what the success metric answers in the place of people."""

from __future__ import annotations

from autoreward.people.ends import metric_answers, pairs_of_ends
from autoreward.people.pairs import favourite, strengths
from autoreward.people.preferences import make_preference

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
