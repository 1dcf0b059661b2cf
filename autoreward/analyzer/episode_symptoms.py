"""Symptoms of what the policies do: they end it soon, stand still, lie on their backs, or collect without doing it."""

from __future__ import annotations

import numpy as np

from autoreward.analyzer.entries import Entry, entries_of
from autoreward.analyzer.evidence import Evidence
from autoreward.number_format import number
from autoreward.records import Symptom, TrajectoryTable

ENDS = 0.05  # share of late episodes that terminate from which they count as ending early
LASTS = 0.2  # of an episode, and at least a second: what is shorter passes
SECOND = 1.0  # [s]
NOTHING = 0.02  # late progress up to which the task is not done at all
STEADY = 0.05  # of its mean: what the income of the last half of an episode moves where it is collected standing


def no_positive_income(evidence: Evidence) -> list[Symptom]:
    """Every episode costs, and episodes can end early: then ending is the best that can be done."""
    returns, terminated = evidence.recordings.episodes.own_return, evidence.trend("terminated")
    returns = returns[np.isfinite(returns)]
    if not len(returns) or terminated is None or terminated.after < ENDS or float(returns.max()) >= 0.0:
        return []
    best, ending = number(float(returns.max())), f"{terminated.after:.0%}"
    text = f"the best of all training episodes earned {best}, and {ending} of the "
    return [Symptom(name="no_positive_income", evidence=f"{text}late ones terminate: an early end costs least.")]


def static_state(evidence: Evidence) -> list[Symptom]:
    """In the best episode nothing moves any more, though the task is not solved; a balanced pole stands still too."""
    if not evidence.trajectories or evidence.solved or evidence.solved_once:
        return []
    return [
        Symptom(name="static_state", evidence=f"in the best episode nothing moves from {moment.start:.3g} s on.")
        for moment in evidence.trajectories[0].moments
        if moment.name == "plateau"
    ]


def upside_down(evidence: Evidence) -> list[Symptom]:
    """The best episode ends with the robot on its back, and not only for a moment."""
    if not evidence.trajectories or evidence.solved or evidence.solved_once:
        return []
    table, recordings = evidence.trajectories[0], evidence.recordings
    bodies = []
    for member in recordings.members:
        for entry in entries_of(recordings, member.seed, "best", evidence.env):
            rows = _rows_below(entry) if entry.name.endswith("_up.z") else 0
            seconds = rows * evidence.env.control_period
            whole = len(entry.series) * evidence.env.control_period
            if rows and seconds >= max(SECOND, LASTS * whole):
                bodies.append(f"{entry.name} is below 0 from {number(whole - seconds)} s to the end")
    return (
        [Symptom(name="upside_down", evidence=f"{table.label.split(':')[0]} episode: {bodies[0]}.")] if bodies else []
    )


def _rows_below(entry: Entry) -> int:
    """How many rows at the end of a series are all below zero."""
    above = np.flatnonzero(~(entry.series < 0.0))
    return len(entry.series) - (int(above[-1]) + 1 if len(above) else 0)


def farmed_state(evidence: Evidence) -> list[Symptom]:
    """The reward is collected at a steady rate by a policy that makes no progress at all."""
    progress, success = evidence.trend("progress"), evidence.trend("success")
    if progress is None or progress.after > NOTHING or progress.hints_at_rise or not evidence.trajectories:
        return []
    if success is not None and success.hints_at_rise:
        return []
    rate = _steady_rate(evidence.trajectories[0])
    if rate is None:
        return []
    text = f"income stays at {number(rate)} a second in the last half of the best episode, at progress "
    return [Symptom(name="farmed_state", evidence=f"{text}{number(progress.after)}.")]


def _steady_rate(table: TrajectoryTable) -> float | None:
    """Income a second [1/s] over the last half of an episode, where it is positive and hardly changes."""
    if len(table.part_ends) < 4:
        return None
    spans = np.diff(np.array([0.0, *table.part_ends]))
    rates = np.sum([one.parts for one in table.income], axis=0) / spans
    late = rates[len(rates) // 2 :]
    mean = float(late.mean())
    return mean if mean > 0.0 and float(np.ptp(late)) <= STEADY * mean else None
