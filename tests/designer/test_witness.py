"""Reading what a model with eyes says."""

from __future__ import annotations

import pytest

from autoreward.designer.witness import parse_witness
from autoreward.records import Completion

SEEN = Completion(prompt="w", text="<think>hm</think>A: it\nhops. B: it falls.", designer="d")


def said(text: str) -> Completion:
    return Completion(prompt="wb", text=text, designer="d")


def test_what_it_saw_and_whether_it_holds() -> None:
    report = parse_witness(SEEN, said('Well: {"A": "Yes.", "B": "no", "why": "The foot\\nleaves."}'), "m", "g00c01")
    assert (report.seen, report.best, report.worst) == ("A: it hops. B: it falls.", "yes", "no")
    assert (report.why, report.unread, report.model, report.candidate) == ("The foot leaves.", "", "m", "g00c01")


@pytest.mark.parametrize("text", ["", "Yes, it does.", '{"B": "yes"}', "[1]", "{"])
def test_a_verdict_that_cannot_be_read_is_said(text: str) -> None:
    assert parse_witness(SEEN, said(text), "m", "c").unread == "its verdict cannot be read"


def test_whoever_saw_nothing_is_not_asked_further() -> None:
    failed = SEEN.model_copy(update={"status": "failed", "text": "no\npictures"})
    assert parse_witness(failed, None, "m", "c").unread == "there is no answer (failed): no pictures"
    assert parse_witness(SEEN, failed, "m", "c").unread == "there is no answer (failed): no pictures"
    empty = SEEN.model_copy(update={"text": " "})
    assert parse_witness(empty, None, "m", "c").unread == "an empty answer"


def test_anything_else_is_unsure() -> None:
    report = parse_witness(SEEN, said('{"A": "perhaps", "B": 3, "why": 4}'), "m", "c")
    assert (report.best, report.worst, report.why) == ("unsure", "unsure", "")
