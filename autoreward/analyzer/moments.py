"""The key moments of a trajectory: first contact, best and worst second, when everything stopped, the termination."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Num

from autoreward.analyzer.entries import Entry
from autoreward.records import EpisodeBound, Moment

SECOND = 1.0  # [s]
# A field is a contact where its name says so, unless it is a place, a distance or a duration of one.
CONTACT_WORDS = frozenset({"contact", "contacts", "touch", "touches", "touching"})
CONTACT_UNITS = frozenset({"1", "N"})
TOUCHES = 1e-6  # [1] or [N]: more is a contact
CLOCKS = "s"  # a unit: what counts seconds goes on when nothing moves
STILL = 0.01  # of the range of random motion: what changes less does not change
PLATEAU = 0.2  # of the episode, and at least a second: what is still for a shorter time is a pause
ROUNDING = 1e-6  # relative
DIGITS = 5  # of a difference of times [s] that were stored in single precision


@dataclass(frozen=True)
class Episode:
    """What the moments of one trajectory are read from."""

    times: Num[np.ndarray, " L"]  # [s] since reset
    entries: Sequence[Entry]
    paid: Mapping[str, Num[np.ndarray, " L"]]  # weighted terms
    terminated: bool  # at its last step
    bounds: Sequence[EpisodeBound] = ()  # that end an episode

    @property
    def period(self) -> float:
        """[s] between two rows."""
        return float(self.times[-1] - self.times[0]) / (len(self.times) - 1) if len(self.times) > 1 else 0.0


def key_moments(episode: Episode) -> list[tuple[int, Moment]]:
    """Every key moment there is with the row that shows it, in order of time."""
    moments = [*_first_contact(episode), *_seconds(episode), *_plateau(episode), *_terminated(episode)]
    return sorted(moments, key=lambda item: (item[0], item[1].start))


def _first_contact(episode: Episode) -> list[tuple[int, Moment]]:
    """The first step at which any contact field is above zero."""
    touching = [entry for entry in episode.entries if is_contact(entry)]
    begins = [(int(np.argmax(entry.series > TOUCHES)), entry) for entry in touching if (entry.series > TOUCHES).any()]
    if not begins:
        return []
    first = min(row for row, _ in begins)
    what = ", ".join(entry.name for row, entry in begins if row == first)
    return [(first, _instant(episode, "first_contact", first, what))]


def is_contact(entry: Entry) -> bool:
    """Whether it tells that something touches."""
    return bool(CONTACT_WORDS & set(entry.field.name.split("_"))) and entry.field.unit in CONTACT_UNITS


def _seconds(episode: Episode) -> list[tuple[int, Moment]]:
    """The seconds with the largest and the smallest weighted income; none where all seconds pay the same."""
    size = round(SECOND / episode.period) if episode.period else 0
    if not episode.paid or size < 1 or len(episode.times) < 2 * size:
        return []
    names = list(episode.paid)
    sums = np.cumsum(np.pad(np.stack(list(episode.paid.values())), ((0, 0), (1, 0))), axis=1)
    by_term = sums[:, size:] - sums[:, :-size]  # [K, L - size + 1]
    total = by_term.sum(axis=0)
    if not np.isfinite(total).all() or np.ptp(total) <= ROUNDING * float(np.max(np.abs(total))):
        return []
    best, worst = int(np.argmax(total)), int(np.argmin(total))
    return [
        _second(episode, "best_second", best, size, total[best], names[int(np.argmax(by_term[:, best]))]),
        _second(episode, "worst_second", worst, size, total[worst], names[int(np.argmin(by_term[:, worst]))]),
    ]


def _second(episode: Episode, name: str, first: int, size: int, income: float, what: str) -> tuple[int, Moment]:
    """A second is shown by its middle row. Its first row is what came of its first step, one period after its start."""
    middle = first + size // 2
    start, end = float(episode.times[first]) - episode.period, float(episode.times[first + size - 1])
    moment = _instant(episode, name, middle, what)
    return middle, moment.model_copy(update={"start": round(start, DIGITS), "end": end, "income": float(income)})


def _plateau(episode: Episode) -> list[tuple[int, Moment]]:
    """From when on no entry leaves a band of `STILL` of its range; clocks go on and do not count."""
    moving = [entry for entry in episode.entries if entry.field.unit != CLOCKS]
    if not moving or not all(np.isfinite(entry.series).all() for entry in moving):
        return []
    start = max(_still_from(entry) for entry in moving)
    lasts = float(episode.times[-1] - episode.times[start])
    if lasts < max(SECOND, PLATEAU * float(episode.times[-1])):
        return []
    moment = _instant(episode, "plateau", start, "")
    return [(start, moment.model_copy(update={"end": float(episode.times[-1])}))]


def _still_from(entry: Entry) -> int:
    """The first row from which on the rest of a series lies within its band."""
    back = entry.series[::-1]
    spread = np.maximum.accumulate(back) - np.minimum.accumulate(back)  # grows from the end to the start
    return len(back) - int(np.searchsorted(spread, STILL * entry.scale, side="right"))


def _terminated(episode: Episode) -> list[tuple[int, Moment]]:
    last = len(episode.times) - 1
    return [(last, _instant(episode, "terminated", last, _beyond(episode)))] if episode.terminated else []


def _beyond(episode: Episode) -> str:
    """What left its bounds at the last step: "torso_pitch 0.213 rad > 0.2"; "" where no bound tells it."""
    by_name = {entry.name: entry for entry in episode.entries}
    beyond = []
    for bound in episode.bounds:
        entry = by_name.get(bound.entry)
        last = float(entry.series[-1]) if entry is not None else math.nan
        limits = [f"< {bound.low:g}"] if bound.low is not None and last <= bound.low else []
        limits += [f"> {bound.high:g}"] if bound.high is not None and last >= bound.high else []
        beyond += [f"{bound.entry} {last:.3g} {limit}" for limit in limits]
    return " and ".join(beyond)


def _instant(episode: Episode, name: str, row: int, what: str) -> Moment:
    time = float(episode.times[row])
    return Moment.model_validate({"name": name, "time": time, "start": time, "end": time, "what": what})
