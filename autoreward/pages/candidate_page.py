"""What the page of a candidate shows: its program, what it changed, what it earns while it moves, what was said."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoreward.analyzer import render_analysis
from autoreward.environment.clips import LONGEST
from autoreward.errors import UnknownNameError
from autoreward.ledger import Run
from autoreward.ledger.recordings import read_recordings
from autoreward.number_format import number, with_interval
from autoreward.pages.charts import Band, Chart, income_bands, line_chart
from autoreward.pages.run_page import success_curve
from autoreward.people.preferences import preferences
from autoreward.recordings import MemberRecording
from autoreward.records import Analysis, Finding, Note, Preference, Symptom
from autoreward.runs.conversation import read_conversation
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.views import TurnView

EPISODES = ("first", "best", "worst")
CONTEXT = 3  # lines around a change


@dataclass(frozen=True)
class TermRow:
    """One term: its weight and its mean income a step, in the parent and here."""

    name: str
    change: str
    weight_before: str
    weight: str
    income_before: str
    income: str


@dataclass(frozen=True)
class Watched:
    """An episode that can be watched, and what the terms pay along it."""

    label: str
    seed: int
    steps: int
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class CandidatePage:
    """One candidate."""

    run: str
    id: str
    generation: int
    status: str
    success: str
    unit: str
    parents: tuple[str, ...]
    plan: str
    source: str
    diff: tuple[str, ...]  # lines of a unified diff to the parent; none where there is none
    terms: tuple[TermRow, ...]
    episodes: tuple[Watched, ...]
    learning: Chart | None
    symptoms: tuple[Symptom, ...]
    findings: tuple[Finding, ...]
    analysis: str
    turns: tuple[TurnView, ...]  # of the conversation with its designer
    notes: tuple[Note, ...]
    preferences: tuple[Preference, ...]
    before: str | None  # its neighbours in the run
    after: str | None


def candidate_page(run: Run, candidate: str, leaderboard: Leaderboard | None = None) -> CandidatePage:
    """Everything that the page of a candidate shows.

    Args:
        leaderboard: of the run, where it was read before.

    Raises:
        UnknownNameError: the run has no such candidate.
    """
    leaderboard = leaderboard or read_leaderboard(run)
    entry = leaderboard.find(candidate)
    names = [one.id for one in leaderboard.entries]
    if entry is None:
        raise UnknownNameError("candidate", candidate, names)
    metric, place = run.task.metric, names.index(candidate)
    unit, reference = (metric.unit, metric.reference) if metric else ("1", None)
    return CandidatePage(
        run=run.id,
        id=candidate,
        generation=entry.candidate.generation,
        status=entry.status,
        success=with_interval(entry.fitness),
        unit=unit,
        parents=entry.candidate.parents,
        plan=entry.candidate.plan,
        source=entry.candidate.source,
        diff=_diff(entry, leaderboard),
        terms=_terms(entry),
        episodes=watched(run, entry),
        learning=_learning(entry),
        symptoms=entry.analysis.symptoms if entry.analysis else (),
        findings=entry.findings,
        analysis=render_analysis(entry.analysis, False, unit, reference) if entry.analysis else "",
        turns=_turns(run, candidate),
        notes=tuple(note for note in run.notes() if note.candidate == candidate),
        preferences=tuple(one for one in preferences(run) if candidate in (one.a, one.b)),
        before=names[place - 1] if place else None,
        after=names[place + 1] if place + 1 < len(names) else None,
    )


def _diff(entry: Entry, leaderboard: Leaderboard) -> tuple[str, ...]:
    parent = leaderboard.find(next(iter(entry.candidate.parents), None))
    if parent is None:
        return ()
    before, after = parent.candidate.source.splitlines(), entry.candidate.source.splitlines()
    return tuple(difflib.unified_diff(before, after, parent.id, entry.id, lineterm="", n=CONTEXT))


def _terms(entry: Entry) -> tuple[TermRow, ...]:
    """Beside the parent's where there is one, else alone."""
    analysis = entry.analysis
    if analysis is None:
        return ()
    if analysis.comparison is not None:
        return tuple(
            TermRow(
                one.name, one.change, number(one.parent_weight), number(one.weight), number(one.parent_income),
                number(one.income),
            )
            for one in analysis.comparison.terms
        )  # fmt: skip
    return tuple(
        TermRow(one.name, "", "", number(one.weight), "", number(_last(one.over_training))) for one in analysis.terms
    )


def _last(values: tuple[float | None, ...]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def _learning(entry: Entry) -> Chart | None:
    """Own return over training; success stands beside it, on the page of the run and in the table."""
    analysis: Analysis | None = entry.analysis
    if analysis is None:
        return None
    own = [(float(point.env_steps), point.own_return) for point in analysis.curve]
    success = success_curve(entry)
    return line_chart("Success and own return while training, each as a share of its largest", {
        "success": _scaled(success), "own return": _scaled(own),
    })  # fmt: skip


def _scaled(curve: object) -> list[tuple[float, float | None]]:
    points: list[tuple[float, float | None]] = list(curve)  # type: ignore[call-overload]
    largest = max((abs(y) for _, y in points if y is not None), default=0.0) or 1.0
    return [(x, None if y is None else y / largest) for x, y in points]


def watched(run: Run, entry: Entry) -> tuple[Watched, ...]:
    """The episodes of a candidate that can be watched; with bands where their terms were recorded."""
    recorded = read_recordings(run, entry.id, ["trajectory", "clip"], missing_ok=True)
    weights = dict(entry.verdict.reward.weights) if entry.verdict and entry.verdict.reward else {}
    longest, found = steps_of_clip(recorded), []
    for label in EPISODES:
        one = min((one for one in recorded if label in one.clips), key=lambda one: one.seed, default=None)
        if one is not None:
            steps = min(len(one.clips[label]), longest)
            found.append(Watched(label, one.seed, steps, _bands(one, label, weights, steps)))
    return tuple(found)


def steps_shown(run: Run, candidate: str) -> int:
    """How many control steps the clip of a candidate's first episode shows; 0 where it never moved."""
    recorded = read_recordings(run, candidate, ["trajectory", "clip"], missing_ok=True)
    first = min((one for one in recorded if "first" in one.clips), key=lambda one: one.seed, default=None)
    return 0 if first is None else min(len(first.clips["first"]), steps_of_clip(recorded))


def steps_of_clip(recorded: Sequence[MemberRecording]) -> int:
    """How many control steps a clip shows at most, by the clock that was recorded; all where none was."""
    for one in recorded:
        for trajectory in one.trajectories.values():
            times = np.asarray(trajectory.fields.get("time", ()), np.float64).reshape(-1)
            if len(times) > 1 and times[1] > times[0]:
                return round(LONGEST / float(times[1] - times[0]))
    return sys.maxsize


def _bands(recording: MemberRecording, label: str, weights: dict[str, float], steps: int) -> tuple[Band, ...]:
    trajectory = recording.trajectories.get(label)
    if trajectory is None or trajectory.terms is None or not recording.term_names:
        return ()
    scale = np.asarray([weights.get(name, 1.0) for name in recording.term_names])
    income: NDArray[np.float64] = np.asarray(trajectory.terms[:steps], np.float64) * scale
    return income_bands(recording.term_names, np.nan_to_num(income))


def _turns(run: Run, candidate: str) -> tuple[TurnView, ...]:
    try:
        return read_conversation(run, candidate).turns
    except UnknownNameError:
        return ()  # it was not asked for: a person gave it
