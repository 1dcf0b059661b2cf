"""A note is bound to what was watched: the step, the time, and what the terms paid then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoreward.errors import UnknownNameError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.recordings import write_recordings
from autoreward.recordings import MemberRecording, Trajectory
from autoreward.runs.notes import take_note
from tests.search.stored_run import add_candidate, add_training, member, new_run

STEPS = 40


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A candidate that earns 2 a step for 40 steps of 0.1 s, and one of which nothing was recorded."""
    with new_run(tmp_path) as run:
        for name in ("g00c00", "g00c01"):
            add_candidate(run, name)
        add_training(run, "g00", [member("g00c00", 0, 0.5), member("g00c01", 0, 0.5)])
        fields = {"time": 0.1 * np.arange(1, STEPS + 1, dtype=np.float32)}
        seen = Trajectory(fields, np.zeros((STEPS, 1), np.float32), 2.0 * np.ones((STEPS, 1), np.float32))
        clips = {"first": np.zeros((STEPS, 6), np.float32)}
        write_recordings(
            run, "g00c00", [MemberRecording("g00c00", 0, ("up",), trajectories={"first": seen}, clips=clips)]
        )
    return run.path


def test_a_note_at_a_step_knows_the_income_of_its_second(run: Path) -> None:
    view = take_note(run, "g00c00", "the left foot drags", 19, "anna")
    assert (view.step, view.seconds, view.rater) == (19, 2.0, "anna")
    ((name, paid),) = view.income
    assert name == "up" and paid == pytest.approx(11 * 2.0)  # from 1.5 to 2.5 s
    with Run.open(run, write=False) as opened:
        (stored,) = opened.notes()
    assert stored.income == view.income and stored.text == "the left foot drags"


def test_a_note_needs_no_step_and_no_candidate(run: Path) -> None:
    assert take_note(run, None, "slower", None, "anna").candidate is None
    assert take_note(run, "g00c01", "slower", None, "anna").step is None


@pytest.mark.parametrize(("candidate", "step"), [("g00c00", STEPS), ("g00c00", -1), ("g00c01", 0), (None, 3)])
def test_a_step_that_nobody_saw_is_refused(run: Path, candidate: str | None, step: int) -> None:
    with pytest.raises(UsageError, match=r"has no step|belongs to a candidate"):
        take_note(run, candidate, "here", step, "anna")


def test_an_unknown_candidate_is_named(run: Path) -> None:
    with pytest.raises(UnknownNameError, match="g00c09"):
        take_note(run, "g00c09", "here", None, "anna")
