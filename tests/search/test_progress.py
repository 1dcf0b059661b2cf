"""From the trainer's reports to the events that a person sees."""

from __future__ import annotations

from typing import Any

from autoreward.search.progress import training_listener
from autoreward.trainer.progress import Progress
from autoreward.views import NoteEvent, ProgressEvent


def test_a_report_says_how_far_and_how_long() -> None:
    events: list[Any] = []
    listen = training_listener(events.append, stage="measuring", generations=3, best="g00c01")
    listen(Progress(job="g01", env_steps=250, total_steps=1_000, seconds=10.0, latest={}))
    # a quarter took 10 s, so three quarters take 30 s
    (event,) = events
    assert event == ProgressEvent(
        stage="measuring", done=250, total=1_000, counted="steps", seconds_left=30.0, generations=3, best="g00c01"
    )


def test_a_note_is_a_line_of_its_own() -> None:
    events: list[Any] = []
    note = Progress(job="g01", env_steps=0, total_steps=1, seconds=0.0, latest={}, note="Out of memory with 64.")
    training_listener(events.append)(note)
    assert events == [NoteEvent(text="Out of memory with 64.")]
