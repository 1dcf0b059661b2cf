"""Answers about two or more candidates, as a browser sends them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from autoreward import api
from autoreward.ledger import Run
from autoreward.people.preferences import preferences
from autoreward.records import Preference
from tests.runs.test_preferences import withdraw
from tests.web.serving import TOKEN, Served, serving, told_run

PATIENT = 60.0  # [s]: the machine may be busy
THREE = ["g00c00", "g00c01", "g01c00"]


def send(served: Served, rater: str, place: str = "/compare", **form: Any) -> httpx.Response:
    access = f"autoreward_{served.base.rpartition(':')[2]}={TOKEN}"
    headers = {"origin": served.base, "cookie": f"{access}; autoreward_rater={rater}"}
    return httpx.post(served.of_run(place), data=form, headers=headers, timeout=PATIENT)


def said_by(run: Path, rater: str) -> list[Preference]:
    with Run.open(run, write=False) as opened:
        return [one for one in preferences(opened) if one.rater == rater]


def test_a_pair_is_answered_once_whoever_sends_it_again(served: Served) -> None:
    form = {"shown": ["g00c00", "g00c01"], "question": ["anna/g00c00-g00c01/0"], "choice": "2", "reason": ["faster"]}
    for _ in range(2):  # a double click, or the other tab
        assert send(served, "anna", **form).status_code == 303
    (said,) = said_by(served.run, "anna")
    assert (said.preferred, said.rater, said.reasons) == ("g00c01", "anna", ("faster",))
    wrong = send(served, "anna", **{**form, "choice": "7"})
    assert wrong.status_code == 400 and "none of the answers" in wrong.text


def test_best_and_worst_are_sent_together_and_told_in_one_sentence(served: Served) -> None:
    asked = api.several(str(served.run), THREE, rater="ben")
    form = {"shown": list(asked.shown), "question": list(asked.questions), "chosen": "yes", "choice": "1", "worst": "3"}
    answer = send(served, "ben", **form)
    assert answer.status_code == 303
    best, middle, worst = asked.shown
    assert {(one.preferred, one.other) for one in said_by(served.run, "ben")} == {
        (best, middle), (best, worst), (middle, worst)
    }  # fmt: skip
    assert answer.headers["location"].count("c=g0") == 3, "the same are shown again"
    with httpx.Client(base_url=served.base) as client:
        client.get(served.address)
        shown = client.get(answer.headers["location"]).text
    assert f"{best} is the best and {worst} the worst of 3" in shown


def page_of(served: Served, rater: str, path: str = "") -> str:
    """What a browser that has just been opened shows to a rater."""
    access = f"autoreward_{served.base.rpartition(':')[2]}={TOKEN}"
    place = f"{served.base}{path}" if path else served.of_run("/compare")
    return httpx.get(place, headers={"cookie": f"{access}; autoreward_rater={rater}"}, timeout=PATIENT).text


def asked_on(page: str) -> list[str]:
    return re.findall(r'name="(?:question|shown)" value="([^"]*)"', page)


def test_a_pair_that_was_left_unanswered_is_asked_again_to_the_same_sides(served: Served) -> None:
    first = asked_on(page_of(served, "gone"))
    assert len(first) == 3 and asked_on(page_of(served, "gone")) == first
    assert said_by(served.run, "gone") == []


def test_two_raters_at_once_and_a_second_tab_are_heard_apart(served: Served) -> None:
    tabs = {rater: asked_on(page_of(served, rater)) for rater in ("max", "mia")}
    for rater, choice in (("max", "1"), ("mia", "2"), ("max", "2")):  # the last one is said in another tab, later
        left, right, question = tabs[rater]
        assert send(served, rater, shown=[left, right], question=question, choice=choice).status_code == 303
    late = send(served, "max", shown=tabs["max"][:2], question=tabs["max"][2], choice="2").headers["location"]
    assert "This was answered before, and that stays" in page_of(served, "max", late)
    assert "Stored: " not in page_of(served, "max", late)
    (of_max,), (of_mia,) = said_by(served.run, "max"), said_by(served.run, "mia")
    assert of_max.preferred == of_max.shown[0] and of_mia.preferred == of_mia.shown[1]


def test_an_undo_shows_again_what_was_chosen(served: Served) -> None:
    asked = api.several(str(served.run), THREE[:2], rater="ivy")
    sent = send(served, "ivy", shown=list(asked.shown), question=list(asked.questions), chosen="yes", choice="1")
    again = re.findall(r'name="c" value="([^"]*)"', page_of(served, "ivy", sent.headers["location"]))
    back = send(served, "ivy", place="/undo", c=again)
    assert [f"c={name}" in back.headers["location"] for name in THREE[:2]] == [True, True]
    assert "Taken back" in page_of(served, "ivy", back.headers["location"]) and said_by(served.run, "ivy") == []


def test_who_always_takes_the_left_one_is_told(served: Served) -> None:
    for pair in (("g00c00", "g00c01"), ("g00c00", "g01c00")):
        assert "by the left side" not in page_of(served, "zoe")
        for number, shown in enumerate((pair, pair[::-1])):
            question = f"zoe/{'-'.join(pair)}/{number}"
            assert send(served, "zoe", shown=list(shown), question=question, choice="1").status_code == 303
    assert "2 of 2 pairs that were shown twice were answered by the left side" in page_of(served, "zoe")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"worst": "1"}, "best and worst at once"),
        ({"worst": ["2", "3"]}, "More than one"),
        ({"worst": "9"}, "no choice among what was shown"),
        ({"worst": "2", "choice": "tie"}, "all are said to be alike"),
        ({"choice": ""}, "none of the answers"),
        ({"question": []}, "no answer about candidates"),
        ({"shown": ["g00c00"] * 3}, "no answer about candidates"),
        ({"shown": ["g09c09", "g00c00", "g00c01"]}, "g09c09"),
        ({"question": ["eve/x-y/0"] * 3}, "no question about"),
        ({"shown": ["g00c00"] * 5}, "2 to 4 can be compared"),
    ],
)
def test_what_contradicts_itself_or_was_not_asked_stores_nothing(
    served: Served, change: dict[str, Any], words: str
) -> None:
    asked = api.several(str(served.run), THREE, rater="eve")
    form: dict[str, Any] = {"shown": list(asked.shown), "question": list(asked.questions), "choice": "1"}
    answer = send(served, "eve", **{**form, **change})
    assert answer.status_code in (400, 404) and words in answer.text
    assert said_by(served.run, "eve") == []


def test_a_vote_on_a_candidate_that_was_withdrawn_is_answered_by_a_sentence(tmp_path: Path) -> None:
    with serving(tmp_path / "runs", told_run(tmp_path)) as served:
        asked = api.several(str(served.run), THREE, rater="kim")
        withdraw(served.run, asked.shown[2])
        form = {"shown": list(asked.shown), "question": list(asked.questions), "choice": "1"}
        answer = send(served, "kim", **form)
        assert answer.status_code == 400 and f"{asked.shown[2]} was not trained (refused)" in answer.text
        assert said_by(served.run, "kim") == []
        assert asked.shown[2] not in asked_on(page_of(served, "kim"))
