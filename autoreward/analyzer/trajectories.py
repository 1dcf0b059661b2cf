"""The best and the worst evaluation trajectory, a few moments of each, in the fields that tell the most."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Num
from numpy.typing import NDArray

from autoreward.analyzer.correlation import correlation
from autoreward.analyzer.entries import Entry, entries_of, is_of_foot
from autoreward.analyzer.incomes import episode_income
from autoreward.analyzer.moments import Episode, is_contact, key_moments
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.number_format import number
from autoreward.records import EnvSpec, Moment, TermReport, TrajectoryTable

ROWS = 8
MAX_FIELDS = 7  # columns of fields
MAX_OF_ONE_FIELD = 2  # columns of one field, so that six joints do not hide the torso
MAX_TERMS = 6
LABELS = ("best", "worst")
SAME = 0.98  # correlation from which two columns tell the same story: the torso and the feet of a robot that travels
PAYS, RAW = "pays ", "value of "  # begin the columns of terms: weighted, and before weighting
MAX_RAW, TELLING = 3, 0.05  # terms whose values a table shows, of at least this share of the income
EVEN = 4  # rows that are spread evenly, first and last among them
BEND = 0.05  # of the range of random motion: what lies nearer to a straight line between two rows needs no row


def trajectory_tables(
    recordings: CandidateRecordings, env: EnvSpec, terms: tuple[TermReport, ...]
) -> tuple[TrajectoryTable, ...]:
    """The best and the worst episode over all seeds, with the same columns.

    Args:
        recordings: with evaluation episodes and trajectories.
    """
    seeds = {label: _seed_with(recordings, label) for label in LABELS}
    kept = {label: seed for label, seed in seeds.items() if seed is not None}
    entries = {label: entries_of(recordings, seed, label, env) for label, seed in kept.items()}
    recorded = {label: several for label, several in entries.items() if several}
    core = core_columns(next(iter(recorded.values()), []), env.directions)
    columns = _most_telling(list(recorded.values()), core)
    return tuple(
        _table(recordings, kept[label], label, env, several, columns, terms) for label, several in recorded.items()
    )


def _seed_with(recordings: CandidateRecordings, label: str) -> int | None:
    """The seed whose best or worst episode was kept; of several, the one with the best or worst episode."""
    seeds = [member.seed for member in recordings.members]
    kept = [seed for seed in seeds if recordings.trajectory(seed, label) is not None]
    choose = max if label == "best" else min
    return choose(kept, key=lambda seed: _outcome(recordings, seed, label), default=None)


def _outcome(recordings: CandidateRecordings, seed: int, label: str) -> tuple[float, float, float]:
    """Success, progress and length of a member's best or worst evaluation episode; NaN where not measured."""
    evaluation = recordings.evaluation(seed)
    if evaluation is None or not len(evaluation.success):
        return (math.nan, math.nan, math.nan)
    measured = zip(evaluation.success, evaluation.progress, evaluation.length, strict=True)
    episodes = [(float(s), float(p), float(n)) for s, p, n in measured]
    return max(episodes) if label == "best" else min(episodes)


def _variation(entry: Entry) -> float:
    """Standard deviation in units of the range that random motion covers; 0 where it is not finite."""
    return float(np.std(entry.series)) / entry.scale if np.isfinite(entry.series).all() else 0.0


def _most_telling(trajectories: Sequence[Sequence[Entry]], core: Sequence[str]) -> list[str]:
    """The core, then the columns with the largest variation over both trajectories, none twice in other words."""
    columns: dict[str, list[Entry]] = {}
    for entries in trajectories:
        for entry in entries:
            columns.setdefault(entry.column, []).append(entry)
    total = {name: sum(_variation(entry) for entry in entries) for name, entries in columns.items()}
    chosen = list(core[:MAX_FIELDS])
    for name in sorted(total, key=lambda name: -total[name]):
        same_field = sum(columns[other][0].field.name == columns[name][0].field.name for other in chosen)
        repeated = any(_tell_the_same(columns[name][0].series, columns[other][0].series) for other in chosen)
        if (
            name not in chosen
            and total[name] > 0.0
            and same_field < MAX_OF_ONE_FIELD
            and len(chosen) < MAX_FIELDS
            and not repeated
        ):
            chosen.append(name)
    return [*core[:MAX_FIELDS], *(name for name in total if name in chosen and name not in core)]


def _tell_the_same(first: NDArray[Any], second: NDArray[Any]) -> bool:
    together = correlation(first, second)
    return together is not None and abs(together) >= SAME


def _paid(
    recordings: CandidateRecordings, seed: int, label: str, terms: tuple[TermReport, ...]
) -> dict[str, Num[np.ndarray, " L"]]:
    """What every term paid at every step, weighted."""
    unweighted = _unweighted(recordings, seed, label, terms)
    return {term.name: term.weight * unweighted[term.name] for term in terms if term.name in unweighted}


def _raw(
    recordings: CandidateRecordings, seed: int, label: str, terms: tuple[TermReport, ...]
) -> dict[str, Num[np.ndarray, " L"]]:
    """The values of the terms that pay most at every step, before weighting."""
    unweighted = _unweighted(recordings, seed, label, terms)
    largest = sorted((term for term in terms if term.share >= TELLING), key=lambda term: -term.share)[:MAX_RAW]
    return {term.name: unweighted[term.name] for term in terms if term in largest and term.name in unweighted}


def _unweighted(
    recordings: CandidateRecordings, seed: int, label: str, terms: tuple[TermReport, ...]
) -> dict[str, Num[np.ndarray, " L"]]:
    """The values of all terms at every step; empty where they were not recorded."""
    trajectory = recordings.trajectory(seed, label)
    if trajectory is None or trajectory.terms is None or trajectory.terms.shape[1] != len(terms):
        return {}
    return dict(zip(recordings.term_names, trajectory.terms.T, strict=True))


def _times(recordings: CandidateRecordings, seed: int, label: str, env: EnvSpec, length: int) -> Num[np.ndarray, " L"]:
    trajectory = recordings.trajectory(seed, label)
    time = None if trajectory is None else trajectory.fields.get("time")
    # next_state: the first row is one period after reset
    return env.control_period * np.arange(1, length + 1) if time is None else time


def _label(recordings: CandidateRecordings, seed: int, label: str) -> str:
    success, _, length = _outcome(recordings, seed, label)
    return label if math.isnan(success) else f"{label}: success {number(success)}, {number(length)} steps"


def _table(
    recordings: CandidateRecordings, seed: int, label: str, env: EnvSpec, entries: Sequence[Entry],
    columns: Sequence[str], terms: tuple[TermReport, ...],
) -> TrajectoryTable:  # fmt: skip
    times = _times(recordings, seed, label, env, len(entries[0].series))
    paid = _paid(recordings, seed, label, terms)
    trajectory = recordings.trajectory(seed, label)
    ended = None if trajectory is None else trajectory.fields.get("terminated")
    moments = key_moments(Episode(times, entries, paid, ended is not None and bool(ended[-1]), env.bounds))
    by_column = {entry.column: entry.series for entry in entries}
    series = {name: by_column[name] for name in columns if name in by_column}
    largest = sorted(terms, key=lambda term: -term.share)[:MAX_TERMS]
    series |= {PAYS + term.name: paid[term.name] for term in terms if term in largest and term.name in paid}
    raw = _raw(recordings, seed, label, terms)
    series |= {RAW + name: values for name, values in raw.items()}
    part_ends, income = episode_income(times, paid)
    progress = None if trajectory is None else trajectory.part_progress
    shown = [entry for entry in entries if entry.column in columns]
    rows = _rows(len(times), moments, shown)
    return TrajectoryTable(
        label=_label(recordings, seed, label),
        columns=("time [s]", *series),
        rows=tuple((float(times[i]), *(float(one[i]) for one in series.values())) for i in rows),
        moments=tuple(moment for _, moment in moments),
        part_ends=part_ends,
        income=income,
        progress=() if progress is None else tuple(progress.tolist()),
    )


def _rows(length: int, moments: Sequence[tuple[int, Moment]], entries: Sequence[Entry] = ()) -> list[int]:
    """About `ROWS` rows up to where everything stands still, and the last: key moments, and where things change.

    First, last, and some between, spread evenly; then, one after the other, the row that lies farthest from a straight
    line between its neighbours. So a tail in which nothing happens, or all goes on as before, gets no rows.
    """
    still = next((row for row, moment in moments if moment.name == "plateau"), length - 1)
    spread = np.linspace(0, still, min(EVEN, still + 1)).round().astype(int).tolist()
    rows = sorted({*spread, length - 1, *(row for row, _ in moments)})
    series = [entry.series / entry.scale for entry in entries if np.isfinite(entry.series).all()]
    while len(rows) < ROWS and series:
        off = np.max([np.abs(one - np.interp(np.arange(length), rows, one[rows])) for one in series], axis=0)
        farthest = int(np.argmax(off[: still + 1]))
        if off[farthest] < BEND:
            break
        rows = sorted({*rows, farthest})
    return rows


# --- What every table begins with: how high, how upright, how fast, where the feet are --------------------


MAX_FEET = 2  # heights, and contacts
_AXES = ("x", "y", "z")


def core_columns(entries: Sequence[Entry], directions: Mapping[str, tuple[float, float, float]]) -> list[str]:
    """Columns in the order in which they are shown; only those that the environment declares.

    Args:
        directions: of the environment; the speed along "forward" is shown, else that along the first one but "up".
    """
    wanted = (
        _first(entries, lambda one: one.field.unit == "m" and one.name.endswith("position.z") and not is_of_foot(one)),
        _first(entries, lambda one: one.name.endswith("_pitch")),
        _first(entries, lambda one: one.name.endswith("_up.z")),
        _first(entries, lambda one: one.field.unit == "m/s" and one.name.endswith(f"velocity.{_axis(directions)}")),
        *[one for one in entries if is_of_foot(one) and one.name.endswith("position.z")][:MAX_FEET],
        *[one for one in entries if is_contact(one)][:MAX_FEET],
    )
    core = [one for one in wanted if one is not None]
    if any(one.name.endswith("_pitch") for one in core):  # it tells the same, and more
        core = [one for one in core if not one.name.endswith("_up.z")]
    return [one.column for one in core]


def _axis(directions: Mapping[str, tuple[float, float, float]]) -> str:
    """The axis along which the task's direction mostly points."""
    names = [name for name in directions if name != "up"]
    name = "forward" if "forward" in directions else next(iter(names), "")
    sizes = [abs(part) for part in directions.get(name, (1.0, 0.0, 0.0))]
    return _AXES[sizes.index(max(sizes))]


def _first(entries: Sequence[Entry], fits: Callable[[Entry], bool]) -> Entry | None:
    return next((one for one in entries if one.field.frame in ("world", "none") and fits(one)), None)
