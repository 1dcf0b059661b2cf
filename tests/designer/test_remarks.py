"""Reading what a language model says of candidates, whatever is around it and in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autoreward.designer.remarks import LIMIT, parse_remarks
from autoreward.records import Completion, Remark, Remarks

ONE = {"candidate": "g00c01", "text": "up is paid downward.", "proposal": "Turn the sign."}


def read(stated: Any, **changes: Any) -> Remarks:
    text = stated if isinstance(stated, str) else f"So:\n```json\n{json.dumps({'remarks': stated})}\n```"
    return parse_remarks(Completion(prompt="p", text=text, designer="d", **changes), "meaning", ["g00c00", "g00c01"])


def test_remarks_about_known_candidates() -> None:
    others = [{"candidate": "g09c09", "text": "?"}, 3, {"candidate": "g00c00"}, {"candidate": ["g00c00"], "text": "x"}]
    assert read([ONE, *others]).remarks == (Remark(kind="meaning", **ONE),)
    assert Remark(kind="meaning", **ONE).in_words == "critic: up is paid downward. Proposal: Turn the sign."


@pytest.mark.parametrize("text", ["", "Nothing is wrong.", "{", '{"remarks": 3}', "[]", "{" * 9000])
def test_no_list_is_said(text: str) -> None:
    assert read(text) == Remarks(unread="the answer holds no list of remarks in JSON")


def test_a_refusal_is_said_and_an_empty_list_says_nothing() -> None:
    assert read("no", status="refused").unread == "there is no answer (refused): no"
    assert read([]) == Remarks()


def test_at_most_three_of_a_candidate_in_words_fit_to_be_shown() -> None:
    found = read([ONE | {"text": f"{n}\x1b[31m\nred" + "x" * 999} for n in range(9)]).remarks
    assert [one.text[:5] for one in found] == ["0 red", "1 red", "2 red"]
    assert all(len(one.text) == LIMIT for one in found)
