"""A person's note, bound to what was watched when it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from autoreward.errors import UnknownNameError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.recordings import read_recordings
from autoreward.people.notes import read_note
from autoreward.recordings import MemberRecording
from autoreward.records import Note
from autoreward.search.leaderboard import read_leaderboard
from autoreward.views import NoteView

SECOND = 1.0  # [s] whose income is told beside a note, the note in its middle


def take_note(folder: Path, candidate: str | None, text: str, step: int | None, rater: str) -> NoteView:
    """Store a note, durably; at a step, with what the terms paid in the second around it.

    Args:
        step: control step of the candidate's first evaluation episode.

    Raises:
        UsageError: it says nothing, is too long, or there is no such step.
        UnknownNameError: there is no such candidate.
        StorageError: the run cannot be written.
    """
    said = read_note(text)
    with Run.open(folder, write=False) as run:
        moment: dict[str, Any] = {}
        if candidate is not None:
            leaderboard = read_leaderboard(run)
            if leaderboard.find(candidate) is None:
                raise UnknownNameError("candidate", candidate, [entry.id for entry in leaderboard.entries])
            moment = {} if step is None else _moment(run, candidate, step)
        elif step is not None:
            raise UsageError("A step belongs to a candidate.", "Name it: RUN:CANDIDATE.")
        note = run.add_note(said, candidate, rater=rater, **moment)
        return note_view(run.id, note)


def note_view(run: str, note: Note) -> NoteView:
    """A note as it is printed."""
    return NoteView(run=run, **note.model_dump())


def _moment(run: Run, candidate: str, step: int) -> dict[str, Any]:
    """The step, when it was, and what each term paid in the second around it, as far as that was recorded."""
    recorded = read_recordings(run, candidate, ["trajectory", "clip"], missing_ok=True)
    first = min((one for one in recorded if "first" in one.clips), key=lambda one: one.seed, default=None)
    length = 0 if first is None else len(first.clips["first"])
    if not 0 <= step < length:
        raise UsageError(
            f"{candidate} has no step {step}: its first evaluation episode has {length} steps.",
            "Count control steps from 0.",
        )
    assert first is not None  # it has steps
    return {"step": step, **_income(run, candidate, first, step)}


def _income(run: Run, candidate: str, first: MemberRecording, step: int) -> dict[str, Any]:
    entry = read_leaderboard(run).find(candidate)
    trajectory = first.trajectories.get("first")
    if trajectory is None or "time" not in trajectory.fields:  # a run of an older version
        return {}
    times = np.asarray(trajectory.fields["time"], np.float64).reshape(-1)
    facts: dict[str, Any] = {"seconds": round(float(times[step]), 3)}
    reward = entry.verdict.reward if entry and entry.verdict else None
    if trajectory.terms is None or reward is None:
        return facts
    near = np.abs(times - times[step]) <= SECOND / 2
    sums = np.asarray(trajectory.terms, np.float64)[near].sum(axis=0)
    paid = {name: reward.weights.get(name, 1.0) * float(one) for name, one in zip(first.term_names, sums, strict=True)}
    return facts | {"income": tuple(paid.items())}
