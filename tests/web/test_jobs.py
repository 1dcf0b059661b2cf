"""What takes long is done behind the page, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from autoreward.errors import RenderingError
from autoreward.web.jobs import FORGOTTEN, Jobs, Waiting

PATIENT = 60.0  # [s]


class Gate:
    """Work that ends when it may."""

    def __init__(self) -> None:
        self.begun, self.open = Event(), Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.open.wait(PATIENT)
        return "made"


def test_what_is_done_at_once_is_answered_at_once() -> None:
    jobs = Jobs(patience=PATIENT)
    assert jobs.ask("a", "Adding.", lambda: 1 + 1) == 2


def test_it_says_how_far_it_is_and_then_gives_the_result() -> None:
    now = [100.0]
    jobs, gate = Jobs(clock=lambda: now[0], patience=0.0), Gate()
    jobs.ask("a", "Drawing.", gate)
    assert gate.begun.wait(PATIENT)
    other = jobs.ask("b", "Drawing.", lambda: "other")
    assert isinstance(other, Waiting) and other.in_words() == "Drawing. It waits for its turn: 1 more is asked for."
    now[0] += 7.0
    told = jobs.ask("a", "Drawing.", gate)
    assert isinstance(told, Waiting) and told.in_words() == "Drawing. 7 s so far."
    gate.open.set()
    jobs.patience = PATIENT
    assert jobs.ask("a", "Drawing.", gate) == "made" and jobs.ask("b", "Drawing.", lambda: "again") == "other"
    jobs.patience, second = 0.0, Gate()
    jobs.ask("c", "Drawing.", second)
    assert second.begun.wait(PATIENT)
    told = jobs.ask("c", "Drawing.", second)
    assert isinstance(told, Waiting) and told.usual is not None
    second.open.set()


def test_what_goes_wrong_is_told_to_who_asks_and_may_be_tried_again() -> None:
    def fail() -> str:
        raise RenderingError("No clip: nothing can be drawn here.", "autoreward doctor")

    jobs = Jobs(patience=PATIENT)
    with pytest.raises(RenderingError, match="nothing can be drawn"):
        jobs.ask("a", "Drawing.", fail)
    assert jobs.ask("a", "Drawing.", lambda: "made") == "made"


def test_what_is_looked_at_comes_first_and_what_nobody_asks_for_is_dropped() -> None:
    now = [0.0]
    made: list[str] = []

    def make(name: str) -> Callable[[], str]:
        return lambda: made.append(name) or name  # type: ignore[func-returns-value]

    jobs, gate = Jobs(clock=lambda: now[0], patience=0.0), Gate()
    jobs.ask("first", "Drawing.", gate)
    assert gate.begun.wait(PATIENT)
    for name in ("left", "seen", "newest"):
        now[0] += 1.0
        jobs.ask(name, "Drawing.", make(name))
    now[0] += FORGOTTEN - 0.5  # the page with "left" and "seen" was closed; "seen" is looked at again
    jobs.ask("seen", "Drawing.", make("seen"))
    gate.open.set()
    jobs.patience = PATIENT
    assert jobs.ask("newest", "Drawing.", make("newest")) == "newest"
    assert made in (["seen", "newest"], ["newest"]), "the one whose page was closed is not made"
    assert jobs.ask("seen", "Drawing.", make("seen")) == "seen" and "left" not in made
