"""What counts as a preference in words, and what becomes of one in the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.people.preferences import (
    Ends,
    in_prompts,
    keep,
    make_preference,
    next_question,
    preferences,
    read_ends,
    read_rater,
    read_reasons,
    read_statement,
    withdraw_last,
)
from autoreward.records import Judgement, Preference
from tests.search.stored_run import new_run


@pytest.mark.parametrize(
    ("text", "verdict", "reasons"),
    [
        ("g00c01 > g00c02", "a", ()),
        ("g00c01<g00c02", "b", ()),
        ("g00c01 = g00c02:", "tie", ()),
        ("g00c01 ! g00c02: both: fall", "both_bad", ("both: fall",)),
        ("  g00c01\n> g00c02 : smoother\x1b[31m", "a", ("smoother",)),
    ],
)
def test_a_preference_in_words(text: str, verdict: Judgement, reasons: tuple[str, ...]) -> None:
    said = read_statement(text)
    assert (said.left, said.right, said.verdict, said.reasons) == ("g00c01", "g00c02", verdict, reasons)


@pytest.mark.parametrize(
    "text", ["", "g00c01", "g00c01 g00c02", "a > b > c", "a >> b", "a > b c", "> b", "a >", "a > a", "a: > b"]
)
def test_what_is_none_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_statement(text)
    assert '"g01c02 > g01c03: smoother"' in caught.value.remedy


@pytest.mark.parametrize("name", ["", " ", "a/b", "x" * 41, "\x1b[0m"])
def test_a_rater_has_a_name(name: str) -> None:
    with pytest.raises(UsageError, match="no name of a rater"):
        read_rater(name)


def test_reasons_are_said_once_and_not_without_end() -> None:
    assert read_reasons(["smoother", "", " smoother "]) == ("smoother",)
    with pytest.raises(UsageError, match="13 reasons"):
        read_reasons([str(number) for number in range(13)])


def test_the_smaller_id_is_a_whatever_was_shown_first() -> None:
    one = make_preference("q", "anna", ("g00c02", "g00c01"), "a")
    assert (one.a, one.b, one.verdict, one.preferred, one.other) == ("g00c01", "g00c02", "b", "g00c02", "g00c01")
    assert make_preference("q", "anna", ("g00c02", "g00c01"), "tie").preferred is None


def test_one_question_has_one_answer(tmp_path: Path) -> None:
    """Two tabs, or two clicks: what was stored first stays, and is what both are told."""
    with new_run(tmp_path) as run:
        question = next_question(run, "anna", "g00c01", "g00c00")
        assert question == "anna/g00c00-g00c01/0"
        first = make_preference(question, "anna", ("g00c00", "g00c01"), "a")
        assert keep(run, first) == first
        assert keep(run, make_preference(question, "anna", ("g00c00", "g00c01"), "b")) == first
        assert preferences(run) == [first]
        assert next_question(run, "anna", "g00c00", "g00c01") == "anna/g00c00-g00c01/1"


def test_what_is_taken_back_counts_no_more_and_can_be_asked_again(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        for number, rater in ((0, "anna"), (0, "ben"), (1, "anna")):
            keep(run, make_preference(f"{rater}/g00c00-g00c01/{number}", rater, ("g00c00", "g00c01"), "a"))
        assert [one.question for one in withdraw_last(run, "anna")] == ["anna/g00c00-g00c01/1"]
        assert [one.question for one in preferences(run)] == ["anna/g00c00-g00c01/0", "ben/g00c00-g00c01/0"]
        assert next_question(run, "anna", "g00c00", "g00c01") == "anna/g00c00-g00c01/2"
        assert len(withdraw_last(run, "anna")) == 1 and withdraw_last(run, "anna") == []


def test_anyone_may_say_it_while_another_process_holds_the_run(tmp_path: Path) -> None:
    with new_run(tmp_path) as holder, Run.open(holder.path, write=False) as anyone:
        said = make_preference("anna/a-b/0", "anna", ("a", "b"), "tie")
        keep(anyone, said)
        assert preferences(holder) == [said]


def test_a_prompt_tells_the_newest_and_those_with_reasons_first_of_all() -> None:
    def said(number: int, *reasons: str) -> Preference:
        one = make_preference(str(number), "anna", ("g00c00", f"g00c{number + 1:02d}"), "a")
        return one.model_copy(update={"reasons": reasons})

    told = [said(0, "smoother"), said(1), said(2), said(3)]
    assert in_prompts(told, limit=2) == ("g00c00 is preferred to g00c01: smoother", "g00c00 is preferred to g00c04")
    assert in_prompts([told[1], told[1]]) == ("g00c00 is preferred to g00c02",)
    assert in_prompts([make_preference("q", "x", ("a", "b"), "both_bad")]) == ("both a and b are bad",)
    assert in_prompts([make_preference("q", "x", ("a", "b"), "tie")]) == ("a and b are equally good",)


def test_best_and_worst_of_a_generation_are_read() -> None:
    assert read_ends("g01c02 > rest >g01c05 : smoother") == Ends("g01c02", "g01c05", ("smoother",))
    assert read_ends("g01c02 > g01c05: smoother > rest > x") is None
    with pytest.raises(UsageError, match="best and worst at once"):
        read_ends("g01c02 > rest > g01c02")
