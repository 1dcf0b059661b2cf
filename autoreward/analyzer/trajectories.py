"""The best and the worst evaluation trajectory, a few moments of each, in the fields that tell the most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autoreward.analyzer.correlation import correlation
from autoreward.analyzer.numbers import number
from autoreward.analyzer.recordings import Recordings
from autoreward.records import EnvSpec, FieldSpec, TermReport, TrajectoryTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 8
MAX_FIELDS = 6  # columns of fields
MAX_OF_ONE_FIELD = 2  # columns of one field, so that six joints do not hide the torso
MAX_TERMS = 6
# Framework fields that repeat what other columns say, or say nothing about the robot.
LEFT_OUT = frozenset({"observation", "time", "last_action", "terminated"})
LABELS = ("best", "worst")
SAME = 0.98  # correlation from which two columns tell the same story: the torso and the feet of a robot that travels


@dataclass(frozen=True)
class Entry:
    """One number of one field over a trajectory."""

    field: str
    series: NDArray[Any]  # [L]
    variation: float  # how much it tells


def trajectory_tables(
    recordings: Recordings, env: EnvSpec, terms: tuple[TermReport, ...]
) -> tuple[TrajectoryTable, ...]:
    """The best and the worst episode over all seeds, with the same columns.

    Args:
        recordings: with `evaluation_success [E]`, `evaluation_progress [E]` and, a member, the fields of
            `next_state` of the best and worst evaluation episode as `trajectory/best/<field> [L, ...]`, and
            `trajectory/best/terms [L, K]` unweighted.
    """
    seeds = {label: _seed_with(recordings, label) for label in LABELS}
    found = {label: _entries(recordings, seed, label, env) for label, seed in seeds.items() if seed is not None}
    found = {label: entries for label, entries in found.items() if entries}
    columns = _most_telling(list(found.values()))
    tables = []
    for label, entries in found.items():
        seed = seeds[label]
        assert seed is not None
        shown = {name: entries[name].series for name in columns if name in entries}
        paid = _paid(recordings, seed, label, terms)
        tables.append(_table(_label(recordings, seed, label), _times(recordings, seed, label, env), shown | paid))
    return tuple(tables)


def _seed_with(recordings: Recordings, label: str) -> int | None:
    """The seed whose best or worst episode was kept; of several, the one with the best or worst episode."""
    prefixes = {
        member.seed: f"{recordings.candidate}/{member.seed}/trajectory/{label}/" for member in recordings.members
    }
    kept = [seed for seed, prefix in prefixes.items() if any(name.startswith(prefix) for name in recordings.arrays)]
    choose = max if label == "best" else min
    return choose(kept, key=lambda seed: _outcome(recordings, seed, label), default=None)


def _outcome(recordings: Recordings, seed: int, label: str) -> tuple[float, float, float]:
    """Success, progress and length of a member's best or worst evaluation episode; NaN where not measured."""
    arrays = [recordings.one(seed, f"evaluation_{name}") for name in ("success", "progress", "length")]
    if any(array is None or not len(array) for array in arrays):
        return (math.nan, math.nan, math.nan)
    episodes = [(float(s), float(p), float(n)) for s, p, n in zip(*arrays, strict=True)]
    return max(episodes) if label == "best" else min(episodes)


def _entries(recordings: Recordings, seed: int, label: str, env: EnvSpec) -> dict[str, Entry]:
    """Every entry of every field, by column name."""
    entries: dict[str, Entry] = {}
    for field in env.fields:
        array = recordings.one(seed, f"trajectory/{label}/{field.name}")
        if field.name in LEFT_OUT or array is None or not len(array):
            continue
        flat = array.reshape(len(array), -1)
        for index in range(flat.shape[1]):
            name = f"{field.name}{_entry_name(field, index)} [{field.unit}]"
            entries[name] = Entry(field.name, flat[:, index], _variation(flat[:, index], field))
    return entries


def _entry_name(field: FieldSpec, index: int) -> str:
    if not field.shape:
        return ""
    if len(field.components) == field.shape[-1] and len(field.shape) == 1:
        return f".{field.components[index]}"
    return f"[{index}]"


def _variation(series: NDArray[Any], field: FieldSpec) -> float:
    """Standard deviation in units of the range that random motion covers; 0 where it is not finite."""
    import numpy as np

    if not np.isfinite(series).all():
        return 0.0
    span = None if field.low is None or field.high is None else field.high - field.low
    return float(np.std(series)) / (span if span else max(1e-9, float(np.max(np.abs(series)))))


def _most_telling(tables: Sequence[Mapping[str, Entry]]) -> list[str]:
    """The columns with the largest variation over both trajectories, none twice in other words, as declared."""
    found: dict[str, list[Entry]] = {}
    for entries in tables:
        for name, entry in entries.items():
            found.setdefault(name, []).append(entry)
    total = {name: sum(entry.variation for entry in entries) for name, entries in found.items()}
    chosen: list[str] = []
    for name in sorted(total, key=lambda name: -total[name]):
        same_field = sum(found[other][0].field == found[name][0].field for other in chosen)
        repeated = any(_tell_the_same(found[name][0].series, found[other][0].series) for other in chosen)
        if total[name] > 0.0 and same_field < MAX_OF_ONE_FIELD and len(chosen) < MAX_FIELDS and not repeated:
            chosen.append(name)
    return [name for name in total if name in chosen]


def _tell_the_same(first: NDArray[Any], second: NDArray[Any]) -> bool:
    found = correlation(first, second)
    return found is not None and abs(found) >= SAME


def _paid(recordings: Recordings, seed: int, label: str, terms: tuple[TermReport, ...]) -> dict[str, NDArray[Any]]:
    """What the terms with the largest shares paid, weighted."""
    paid = recordings.one(seed, f"trajectory/{label}/terms")
    if paid is None or paid.ndim != 2:
        return {}
    shown = sorted(range(len(terms)), key=lambda k: -terms[k].share)[:MAX_TERMS]
    return {f"pays {terms[k].name}": terms[k].weight * paid[:, k] for k in sorted(shown)}


def _times(recordings: Recordings, seed: int, label: str, env: EnvSpec) -> NDArray[Any]:
    import numpy as np

    time = recordings.one(seed, f"trajectory/{label}/time")
    if time is not None:
        return time
    lengths = [len(a) for f in env.fields if (a := recordings.one(seed, f"trajectory/{label}/{f.name}")) is not None]
    return env.control_period * np.arange(1, lengths[0] + 1)  # next_state: the first row is one period after reset


def _label(recordings: Recordings, seed: int, label: str) -> str:
    success, _, length = _outcome(recordings, seed, label)
    return label if math.isnan(success) else f"{label}: success {number(success)}, {number(length)} steps"


def _table(label: str, times: NDArray[Any], columns: Mapping[str, NDArray[Any]]) -> TrajectoryTable:
    import numpy as np

    moments = np.unique(np.linspace(0, len(times) - 1, min(ROWS, len(times))).round().astype(int))
    rows = tuple((float(times[i]), *(float(series[i]) for series in columns.values())) for i in moments)
    return TrajectoryTable(label=label, columns=("time [s]", *columns), rows=rows)
