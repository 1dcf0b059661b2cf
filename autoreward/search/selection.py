"""Who chooses: the order of candidates, the winner, and from which ones the next generation starts.

`Selection` is the one seam for this. By a success metric candidates stand in order of (success, progress), each
shrunken towards the mean of all by as much as its seeds leave open (estimates.py): with equally many seeds that is the
order of their means, and one lucky seed does not beat six good ones. A tie goes to the earlier candidate. Another way
to choose (people; a published method, methods/) is another implementation, named by `choose_selection`
(selection_choice.py); nothing else asks who is better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from autoreward.analyzer.gist import alike
from autoreward.estimates import estimate
from autoreward.people.pairs import strengths
from autoreward.records import Preference, ShownAs
from autoreward.search.entry import Entry

LEADERS = 3  # earlier candidates whose programs are shown
GATE = 0.9  # of the best success: where both choose, people choose among those from here on
DIVERSE_FROM = 4  # candidates a generation: then one starts from another structure, and one afresh


@dataclass(frozen=True)
class Shown:
    """What the prompt for one candidate shows of earlier ones.

    Attributes:
        history: those that it tells of in a few lines.
        leaders: those whose programs it shows, the main parent first.
        parent: which of these to start from; None: it starts afresh.
        shown_as: what the leaders are: the best so far, the best of different behaviours, or the parents of this one
            candidate.
    """

    history: tuple[Entry, ...] = ()
    leaders: tuple[Entry, ...] = ()
    parent: Entry | None = None
    shown_as: ShownAs = "best"


class Selection(Protocol):
    """How candidates are chosen, by the entries alone, so that a resumed run chooses the same; people may add to it."""

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those that can be chosen, best first: the first one is the winner.

        Args:
            entries: candidates in order of id, of a run or of a part of it.
        """

    def leaders(self, entries: Sequence[Entry]) -> list[Entry]:
        """The candidates from which a next generation starts, at most LEADERS; the first one is the main parent."""

    def shown(self, entries: Sequence[Entry], generation: int, slot: int, candidates: int) -> Shown:
        """What is shown for one slot of the next generation.

        Args:
            entries: of all earlier generations, in order of id.
            generation: the next one.
            slot: which candidate of it.
            candidates: how many it has.
        """


class MetricSelection:
    """By the success metric: (success, progress), expected on a further seed."""

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: those that were trained; those that keep to all that is required come first."""
        measured = [entry for entry in entries if entry.successes]
        success = expected({entry.id: entry.successes for entry in measured})
        progress = expected({entry.id: entry.progresses for entry in measured})
        return sorted(
            measured,
            key=lambda entry: (entry.keeps_to_all, success[entry.id], progress[entry.id]),
            reverse=True,
        )

    def leaders(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: the best, the best of another structure (else the second best), and the best of the rest."""
        ranked = self.rank(entries)
        if not ranked:
            return []
        best, *others = ranked
        other = next((entry for entry in others if not alike(entry.candidate.source, best.candidate.source)), None)
        second = other or next(iter(others), None)
        rest = [entry for entry in others if entry is not second]
        return [best, *([second] if second else []), *rest][:LEADERS]

    def shown(self, entries: Sequence[Entry], generation: int, slot: int, candidates: int) -> Shown:
        """See Selection: everything, and the leaders."""
        leaders = self.leaders(entries)
        return Shown(tuple(entries), tuple(leaders), self.parent(leaders, generation, slot, candidates))

    def parent(self, leaders: Sequence[Entry], generation: int, slot: int, candidates: int) -> Entry | None:
        """Which leader a slot starts from: of four and more the last starts afresh, the one before it from another
        structure than the best.
        """
        if not leaders or (candidates >= DIVERSE_FROM and slot == candidates - 1):
            return None
        diverse = candidates >= DIVERSE_FROM and len(leaders) > 1
        if diverse and slot == candidates - 2 and not alike(leaders[0].candidate.source, leaders[1].candidate.source):
            return leaders[1]
        return leaders[0]


class PeopleSelection(MetricSelection):
    """By what people prefer, whatever the metric says; those that nobody compared come after those that somebody did.

    Args:
        told: the preferences that count.
    """

    def __init__(self, told: Sequence[Preference]) -> None:
        self._told = told

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: those that were trained, in order of their strengths."""
        choosable = self.choosable(entries)
        strong = strengths([entry.id for entry in choosable], self._told)
        compared = {name for one in self._told for name in (one.a, one.b)}
        return sorted(choosable, key=lambda entry: (entry.id in compared, strong[entry.id]), reverse=True)

    def leaders(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: the one that people prefer alone, whatever else there is."""
        return self.rank(entries)[:1]

    def parent(self, leaders: Sequence[Entry], generation: int, slot: int, candidates: int) -> Entry | None:
        """See Selection: every slot starts from it."""
        return next(iter(leaders), None)

    def choosable(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those that people are asked about, in order of id."""
        return [entry for entry in entries if entry.status in ("trained", "stopped")]


class GatedSelection(PeopleSelection):
    """People choose among those that the metric does not put far behind its best; the others follow by the metric."""

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection."""
        preferred = super().rank(entries)
        return preferred + [entry for entry in MetricSelection().rank(entries) if entry not in preferred]

    def leaders(self, entries: Sequence[Entry]) -> list[Entry]:
        """See MetricSelection: the metric takes part."""
        return MetricSelection.leaders(self, entries)

    def parent(self, leaders: Sequence[Entry], generation: int, slot: int, candidates: int) -> Entry | None:
        """See MetricSelection."""
        return MetricSelection.parent(self, leaders, generation, slot, candidates)

    def choosable(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those with a success of at least GATE of the best one's."""
        measured = [entry for entry in super().choosable(entries) if entry.fitness is not None]
        best = max((entry.fitness.mean for entry in measured if entry.fitness), default=0.0)
        least = best - (1.0 - GATE) * abs(best)
        return [entry for entry in measured if entry.fitness and entry.fitness.mean >= least]


class RacedSelection(MetricSelection):
    """By the metric too, but a slot starts from a leader as often as that one is the best of them.

    Args:
        seed: of the run.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def parent(self, leaders: Sequence[Entry], generation: int, slot: int, candidates: int) -> Entry | None:
        """The same, but a slot that would start from the best starts from the best of a draw of the posterior."""
        chosen = super().parent(leaders, generation, slot, candidates)
        seen = estimate({entry.id: entry.successes for entry in leaders})
        if chosen is None or chosen is not leaders[0] or seen is None:
            return chosen
        rng = np.random.default_rng([self._seed, generation, slot])
        return leaders[int(seen.draws(rng, 1)[0].argmax())]


def expected(values: Mapping[str, Sequence[float]]) -> Mapping[str, float]:
    """What each candidate may be expected to come to on a further seed; -inf without values.

    Args:
        values: one a seed, by candidate.
    """
    seen = estimate({name: several for name, several in values.items() if several})
    plain = {name: float(np.mean(several)) if several else float("-inf") for name, several in values.items()}
    return plain | dict(seen.means) if seen else plain
