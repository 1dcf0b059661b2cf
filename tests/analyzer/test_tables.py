"""What stands in which cell of a written analysis."""

from __future__ import annotations

from typing import Any

import pytest

from autoreward.analyzer.written import (
    curve_table,
    ended,
    income_in_fifths,
    key_moments,
    moments_table,
    other_changes,
    parent_table,
    parent_terms_table,
    terms_table,
    training_income_table,
)
from autoreward.records import (
    Analysis,
    CurvePoint,
    Difference,
    Fitness,
    Moment,
    ParentComparison,
    SeedOutcome,
    TermChange,
    TermIncome,
    TermReport,
    TrajectoryTable,
)


def term(name: str = "go", **changes: Any) -> TermReport:
    facts: dict[str, Any] = dict(weight=2.0, share=0.5, low=0.0, high=1.0, start=0.1, end=0.4, correlation=None)
    return TermReport(name=name, **{**facts, **changes})


def point(env_steps: int, **known: float) -> CurvePoint:
    return CurvePoint.model_validate(
        {"env_steps": env_steps, **dict.fromkeys(("success", "progress", "own_return", "length")), **known}
    )


def analysis(**changes: Any) -> Analysis:
    facts: dict[str, Any] = dict(
        candidate="c", fitness=None, progress=None, curve=(), terms=(), total_correlation=None, episode_length=None,
        symptoms=(), trajectories=(), findings=(),
    )  # fmt: skip
    return Analysis(**{**facts, **changes})


def test_parts_of_training_in_which_no_episode_ended_are_left_out() -> None:
    table = curve_table([point(10), point(20, success=0.5, length=100.0), point(30, own_return=3.0)])
    assert table.head == ["environment steps", "20", "30"]
    assert table.rows == [
        ["success", "0.5", "-"],
        ["progress", "-", "-"],
        ["own episodic return", "-", "3"],
        ["episode length", "100", "-"],
    ]
    assert curve_table([point(10)]).rows == []


@pytest.mark.parametrize(
    ("lengths", "text"),
    [
        ([(1000, 1000), (12, 40)], "seed 0: all 1000 steps; seed 1: 12 to 40 steps"),
        ([(1000, 1000), (1000, 1000)], ""),  # nothing to tell
        ([(None, None), (12, 40)], "seed 1: 12 to 40 steps"),
        ([], ""),
    ],
)
def test_how_long_episodes_were(lengths: list[tuple[int | None, int | None]], text: str) -> None:
    outcomes = tuple(
        SeedOutcome(seed=seed, success=1.0, progress=0.5, length=100.0, shortest=shortest, longest=longest)
        for seed, (shortest, longest) in enumerate(lengths)
    )
    assert ended(analysis(by_seed=outcomes)) == text


def test_a_term_whose_income_is_not_known_in_every_part_is_not_told() -> None:
    terms = (term("go", over_training=(1.0, None)), term("cost", over_training=(1.0,)))
    table = training_income_table(analysis(curve=(point(10), point(20)), terms=terms))
    assert table.rows == [["go", "1", "-"]]


def test_a_prompt_has_at_most_five_incomes_with_the_first_and_the_last() -> None:
    (row,) = terms_table([term(over_training=(0.0, None, *range(1, 10)))], for_prompt=True).rows
    assert row[3] == "0, 2, 4, 7, 9"  # places 0, 2.25, 4.5, 6.75 and 9 of ten known ones; a half goes to the even
    (row,) = terms_table([term()], for_prompt=True).rows
    assert row[3] == "0.2, 0.8"  # the weighted means where training was not told part by part


def test_what_a_term_is_correlated_with() -> None:
    rows = terms_table(
        [term(), term(correlation=0.5), term(correlation=-0.25, correlated_with="progress")], for_prompt=False
    ).rows
    assert [row[-1] for row in rows] == ["-", "+0.50", "-0.25 (progress)"]
    assert rows[0][:5] == ["go", "2", "50%", "0.1 -> 0.4", "0 to 1"]


def episode(**changes: Any) -> TrajectoryTable:
    facts: dict[str, Any] = dict(
        label="best", columns=("time [s]", "x [m]", "pays go"), rows=((0.1, 1.234, 2.0), (0.2, 5.678, 3.0))
    )
    return TrajectoryTable(**{**facts, **changes})


def test_a_person_reads_columns_and_a_model_rows() -> None:
    income = (TermIncome(name="go", parts=(2.0, 3.0)),)
    for_model = moments_table(episode(income=income), for_prompt=True)
    assert for_model.head == ["time [s]", "x [m]"]  # what it paid is told as sums
    assert for_model.rows == [["0.1", "1.2"], ["0.2", "5.7"]]
    assert moments_table(episode(), for_prompt=True).head == ["time [s]", "x [m]", "pays go"]
    for_person = moments_table(episode(income=income), for_prompt=False)
    assert for_person.head == ["time [s]", "0.1", "0.2"]
    assert for_person.rows == [["x [m]", "1.23", "5.68"], ["pays go", "2", "3"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("first_contact", "first contact at 1.5 s (knee)"),
        ("best_second", "best second 1.5 to 2.5 s, pays 3 (highest: knee)"),
        ("worst_second", "worst second 1.5 to 2.5 s, pays 3 (lowest: knee)"),
        ("plateau", "nothing changes any more from 1.5 s on"),
        ("terminated", "terminated at 1.5 s: knee"),
    ],
)
def test_a_moment_in_words(name: str, text: str) -> None:
    moment = Moment.model_validate(dict(name=name, time=2.0, start=1.5, end=2.5, income=3.0, what="knee"))
    assert key_moments(episode(moments=(moment,))) == [text]


def test_tenths_of_an_episode_become_fifths_and_small_terms_a_list() -> None:
    ends = tuple(range(1, 11))
    income = (TermIncome(name="go", parts=tuple(range(10))), TermIncome(name="cost", parts=(0.01,) * 10))
    assert income_in_fifths(episode(part_ends=ends, income=income)) == ["go: 1, 5, 9, 13, 17", "below 1 %: cost"]
    short = episode(part_ends=(1, 2), income=(TermIncome(name="go", parts=(1.0, 2.0)),))
    assert income_in_fifths(short) == ["go: 1, 2"]


def compared(low: float | None, high: float | None, **changes: Any) -> ParentComparison:
    difference = Difference(
        quantity="success", parent=1.0, own=1.5, difference=Fitness(mean=0.5, low=low, high=high, seeds=3, episodes=30)
    )
    facts: dict[str, Any] = dict(
        parent="g00c00", terms=(), params={}, potential="none", seeds=3, differences=(difference,)
    )
    return ParentComparison(**{**facts, **changes})


@pytest.mark.parametrize(
    ("low", "high", "text"), [(-0.1, 1.1, "0.5 (within noise)"), (0.1, 0.9, "0.5"), (None, None, "0.5")]
)
def test_a_difference_that_may_be_luck(low: float | None, high: float | None, text: str) -> None:
    assert parent_table(compared(low, high), for_prompt=True).rows == [["success", "1", "1.5", text]]
    assert parent_table(None, for_prompt=True).rows == []


def change(name: str, kind: Any, weights: tuple[Any, Any], incomes: tuple[Any, Any]) -> TermChange:
    return TermChange(
        name=name, change=kind, parent_weight=weights[0], weight=weights[1], parent_income=incomes[0], income=incomes[1]
    )


def test_terms_beside_those_of_the_parent() -> None:
    terms = (
        change("go", "reweighted", (1.0, 2.0), (3.0, 3.0)),
        change("tiny", "kept", (1.0, 1.0), (0.001, 0.002)),
        change("new", "added", (None, 1.0), (None, 0.0)),
        change("old", "removed", (1.0, None), (0.5, None)),
    )
    comparison = compared(None, None, terms=terms)
    rows = parent_terms_table(comparison, for_prompt=True).rows
    assert rows == [
        ["go", "reweighted", "1 -> 2", "3"], ["new", "added", "1", "0"], ["old", "removed", "1", "0.5"],
    ]  # fmt: skip
    assert len(parent_terms_table(comparison, for_prompt=False).rows) == 4


def test_other_changes_in_words() -> None:
    params = {"width": (0.2, 0.4), "gate": (None, 1.0), "old": (1.0, None)}
    told = other_changes(compared(None, None, params=params, potential="added"))
    assert told == "Parameters: width 0.2 -> 0.4, gate 1 (new), old removed. Potential: added."
    assert other_changes(compared(None, None, potential="kept")) == ""
    assert other_changes(None) == ""


def test_a_prompt_leaves_out_what_never_changes_and_what_rounding_left() -> None:
    points = [CurvePoint(env_steps=s, success=1.2345, progress=None, own_return=0.001, length=100.0) for s in (8, 16)]
    assert [row[0] for row in curve_table(points, True).rows] == ["success", "progress", "own episodic return"]
    assert curve_table(points, True).rows[0][1:] == ["1.2", "1.2"]
    assert curve_table(points).rows[-1] == ["episode length", "100", "100"]
    falls = [*points, points[0].model_copy(update={"length": 40.0})]
    assert curve_table(falls, True).rows[-1] == ["episode length", "100", "100", "40"]
    facts = {"name": "a", "weight": 1.0, "share": 1.0, "start": 0.0, "end": 0.0, "correlation": None}
    (row,) = terms_table([TermReport(low=4e-12, high=0.831, **facts)], True).rows
    assert row[4] == "0 to 0.831"
