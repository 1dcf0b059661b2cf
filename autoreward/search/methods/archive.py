"""An archive of a run's rewards by behaviour: parents that differ in what their policies do, not only in their text.

Behaviour is read from the analysis of a candidate: in which states the episodes of its policies end, and which terms
pay. The archive keeps the best candidate of every cell, a cell being the state in which most episodes end; parents are
the best of all, and then always the elite that is farthest from those already taken.

Source: Mouret, Clune 2015, "Illuminating search spaces by mapping elites", arXiv 1504.04909.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from autoreward.search.entry import Entry
from autoreward.search.selection import DIVERSE_FROM, LEADERS, MetricSelection, Shown

UNKNOWN = ""  # the cell of a candidate whose ends were not recorded


class Archive:
    """By the metric; the slots of a generation start from elites of different behaviour, by turns.

    Args:
        seed: of the run; the archive needs no chance.
    """

    def __init__(self, seed: int = 0) -> None:
        del seed

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection."""
        return MetricSelection().rank(entries)

    def leaders(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: the best, then the elites that are farthest from those before them."""
        elites = list(self.archive(entries).values())
        chosen = elites[:1]
        while len(chosen) < min(LEADERS, len(elites)):
            rest = [one for one in elites if one not in chosen]
            chosen.append(max(rest, key=lambda one: min(distance(one, other) for other in chosen)))
        return chosen

    def archive(self, entries: Sequence[Entry]) -> dict[str, Entry]:
        """The best candidate of each cell, the best of all first."""
        elites: dict[str, Entry] = {}
        for entry in self.rank(entries):
            elites.setdefault(cell(entry), entry)
        return elites

    def shown(self, entries: Sequence[Entry], generation: int, slot: int, candidates: int) -> Shown:
        """See Selection: everything, and as leaders the elites; of four slots and more the last starts afresh."""
        leaders = self.leaders(entries)
        afresh = not leaders or (candidates >= DIVERSE_FROM and slot == candidates - 1)
        parent = None if afresh else leaders[slot % len(leaders)]
        return Shown(tuple(entries), tuple(leaders), parent, shown_as="behaviours")


def ends_of(entry: Entry) -> Mapping[str, float]:
    """In which states the evaluation episodes of its policies end, as shares."""
    counts: Counter[str] = Counter()
    for seed in entry.analysis.ends if entry.analysis else ():
        counts.update(seed.counts)
    return {state: count / counts.total() for state, count in counts.items()}


def cell(entry: Entry) -> str:
    """The state in which most of its episodes end."""
    ends = ends_of(entry)
    return max(sorted(ends), key=lambda state: ends[state]) if ends else UNKNOWN


def distance(one: Entry, other: Entry) -> float:
    """How differently two candidates behave, in [0, 1]: the mean over end states and terms of the total variation."""
    pay = [{term.name: term.share for term in entry.analysis.terms} if entry.analysis else {} for entry in (one, other)]
    return 0.5 * (_variation(ends_of(one), ends_of(other)) + _variation(*pay))


def _variation(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """1/2 sum |p - q|: 0 for equal shares, 1 where nothing is in common; 0 where one of them is not known."""
    if not first or not second:
        return 0.0
    return 0.5 * sum(abs(first.get(name, 0.0) - second.get(name, 0.0)) for name in {*first, *second})
