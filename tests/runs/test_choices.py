"""Best and worst of several: every pair that this answers is stored, taken back as one, asked about once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest

from autoreward import api
from autoreward.errors import UnknownNameError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.run import PREFERENCE
from autoreward.people.preferences import Ends, preferences
from autoreward.records import Choice
from autoreward.runs.choices import round_to_show, say_ends, several_to_show
from autoreward.runs.preferences import take_back
from tests.runs.test_preferences import NAMES, drawn, run, withdraw
from tests.search.mortal import Killed, die_before

__all__ = ["drawn", "run"]  # the fixtures


def stored(run: Path) -> list[tuple[str | None, str | None]]:
    with Run.open(run, write=False) as opened:
        return [(one.preferred, one.other) for one in preferences(opened)]


def choose(run: Path, choice: Choice, reasons: Sequence[str] = ()) -> list[str]:
    shown = several_to_show(run, "anna", NAMES)
    return [view.status for view in api.choose(str(run), shown, choice, reasons=reasons)]


def test_best_and_worst_are_stored_as_the_pairs_that_they_say(run: Path) -> None:
    views = say_ends(run, Ends("g00c01", "g00c00", ("smoother",)), "anna")
    assert [(one.preferred, one.reasons) for one in views] == [
        ("g00c01", ("smoother",)), ("g00c01", ()), ("g00c02", ())
    ]  # fmt: skip
    with Run.open(run, write=False) as opened:
        assert [(one.preferred, one.other) for one in preferences(opened)] == [
            ("g00c01", "g00c00"), ("g00c01", "g00c02"), ("g00c02", "g00c00")
        ]  # fmt: skip
    with pytest.raises(UnknownNameError):
        say_ends(run, Ends("g00c01", "g09c00"), "anna")


def test_best_and_worst_of_three_are_three_pairs_and_one_undo(run: Path) -> None:
    assert choose(run, Choice(best="g00c01", worst="g00c02"), ["smoother"]) == ["stored"] * 3
    assert set(stored(run)) == {("g00c01", "g00c00"), ("g00c01", "g00c02"), ("g00c00", "g00c02")}
    with Run.open(run, write=False) as opened:
        told = preferences(opened)
    assert {one.preferred for one in told if one.reasons} == {"g00c01"}, "the reason is why the best one is"
    assert all(set(one.shown) == {one.a, one.b} for one in told)
    assert len(take_back(run, "anna")) == 3 and stored(run) == []
    with pytest.raises(UsageError, match="nothing that could be taken back"):
        take_back(run, "anna")


def test_one_undo_takes_one_choice(run: Path) -> None:
    choose(run, Choice(best="g00c01"))
    choose(run, Choice(best="g00c00", worst="g00c01"))
    assert len(stored(run)) == 5
    take_back(run, "anna")
    assert set(stored(run)) == {("g00c01", "g00c00"), ("g00c01", "g00c02")}
    say_ends(run, Ends("g00c02", "g00c00"), "anna")
    assert len(take_back(run, "anna")) == 3 and len(stored(run)) == 2


def test_what_a_kill_cut_short_is_stored_once_when_it_is_sent_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = several_to_show(run, "anna", NAMES)
    choice = Choice(best="g00c01", worst="g00c02")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        die_before(patch, PREFERENCE, shown.questions[1])
        api.choose(str(run), shown, choice)
    assert len(stored(run)) == 1
    again = api.choose(str(run), shown, choice)
    assert len(again) == len(stored(run)) == 3
    assert len(take_back(run, "anna")) == 3, "it is still one choice"


def test_sides_are_shuffled_and_again_when_it_is_asked_again(run: Path) -> None:
    seen = set()
    for _ in range(12):
        shown = several_to_show(run, "anna", NAMES)
        assert sorted(shown.shown) == sorted(NAMES) and shown == several_to_show(run, "anna", NAMES[::-1])
        pairs = [set(question.split("/")[1].split("-")) for question in shown.questions]
        assert pairs == [set(pair) for pair in combinations(shown.shown, 2)]
        seen.add(shown.shown)
        api.choose(str(run), shown, Choice(alike="tie"))
    assert len(seen) > 1


def test_a_round_is_those_of_the_newest_generation_that_were_not_compared(run: Path) -> None:
    assert round_to_show(run, "anna") == NAMES
    choose(run, Choice(alike="both_bad"))
    assert round_to_show(run, "anna") == () and round_to_show(run, "ben") == NAMES


@pytest.mark.parametrize(
    "choice",
    [
        Choice(), Choice(worst="g00c01"), Choice(best="g00c03"), Choice(best="g00c00", worst=""),
        Choice(best="g00c00", worst="g00c00"), Choice(best="g00c00", alike="tie"), Choice(worst="g00c00", alike="tie"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_stores_nothing(run: Path, choice: Choice) -> None:
    with pytest.raises(UsageError):
        choose(run, choice)
    assert stored(run) == []


def test_a_choice_among_which_one_was_withdrawn_stores_nothing(run: Path) -> None:
    shown = several_to_show(run, "anna", NAMES)
    withdraw(run, shown.shown[2])
    with pytest.raises(UsageError, match=rf"{shown.shown[2]} was not trained \(refused\)"):
        api.choose(str(run), shown, Choice(best=shown.shown[0]))  # says nothing of the third and the second
    assert stored(run) == []


def test_what_was_not_shown_is_no_answer(run: Path) -> None:
    shown = several_to_show(run, "anna", NAMES)
    twice = shown.model_copy(update={"shown": ("g00c00", "g00c00", "g00c01")})
    for wrong in (twice, shown.model_copy(update={"questions": shown.questions[:2]})):
        with pytest.raises(UsageError):
            api.choose(str(run), wrong, Choice(best="g00c00"))
    assert stored(run) == []
