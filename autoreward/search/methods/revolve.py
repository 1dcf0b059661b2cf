"""REvolve: islands of rewards, parents drawn by softmax, crossover and mutation.

Source: Hazra et al. 2025, "REvolve: Reward Evolution with Large Language Models using Human Feedback", ICLR, arXiv
2406.01309. Its numbers: 4 islands of at most 8, crossover as often as mutation, migration with 0.3 a generation, a
temperature of 1. There a fitness comes from people's comparisons, here from the metric, so the softmax is over fitness
in units of its spread on the island.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from autoreward.search.entry import Entry
from autoreward.search.selection import MetricSelection, Shown

ISLANDS, ISLAND_SIZE = 4, 8
CROSSOVER = 0.5  # else mutation
MIGRATION = 0.3  # a generation: the weaker half of the islands begins again from the best of another one
TEMPERATURE = 1.0

Island = list[Entry]


class Revolve:
    """By the mean of the seeds; a slot belongs to an island and starts from its one or two parents there.

    Args:
        seed: of the run.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection."""
        return MetricSelection().rank(entries)

    def leaders(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: the best of all."""
        return self.rank(entries)[:1]

    def shown(self, entries: Sequence[Entry], generation: int, slot: int, candidates: int) -> Shown:
        """See Selection: the parents of this slot, and nothing else."""
        islands = self.islands(entries, candidates)
        island = islands[slot % len(islands)]
        rng = np.random.default_rng([self._seed, generation, slot])
        if not island:
            return Shown()
        crossed = len(island) > 1 and rng.random() < CROSSOVER
        places = rng.choice(len(island), 1 + crossed, replace=False, p=softmax(island))
        parents = tuple(island[int(place)] for place in places)
        return Shown(leaders=parents, parent=parents[0], shown_as="parents")

    def islands(self, entries: Sequence[Entry], candidates: int) -> list[Island]:
        """Who lives where after these generations: a child stays if it is no worse than the mean of its island.

        Args:
            candidates: a generation; there are fewer islands where they would hold fewer than two of it.
        """
        islands: list[Island] = [[] for _ in range(max(1, min(ISLANDS, candidates // 2)))]
        for generation in sorted({entry.candidate.generation for entry in entries}):
            for place, island in enumerate(islands):
                mean = np.mean([fitness(one) for one in island]) if island else -np.inf
                born = [one for one in entries if one.candidate.generation == generation and one.successes]
                children = [one for one in born if slot_of(one) % len(islands) == place and fitness(one) >= mean]
                islands[place] = sorted([*island, *children], key=fitness, reverse=True)[:ISLAND_SIZE]
            rng = np.random.default_rng([self._seed, generation])
            if len(islands) > 1 and rng.random() < MIGRATION:
                _migrate(islands, rng)
        return islands


def _migrate(islands: list[Island], rng: np.random.Generator) -> None:
    """Begin the weaker half of the islands again with the best of one of the others."""
    order = sorted(range(len(islands)), key=lambda place: fitness(islands[place][0]) if islands[place] else -np.inf)
    half = len(islands) // 2
    for weak in order[:half]:
        strong = islands[order[half + int(rng.integers(len(islands) - half))]]
        islands[weak] = strong[:1]


def softmax(island: Sequence[Entry]) -> Float[np.ndarray, " I"]:
    """How likely each is drawn as a parent: exp(z / T) / sum, z the fitness in units of its spread."""
    values = np.asarray([fitness(one) for one in island])
    spread = values.std()
    z = (values - values.max()) / (spread * TEMPERATURE) if spread > 0.0 else np.zeros(len(values))
    return np.asarray(np.exp(z) / np.exp(z).sum())


def fitness(entry: Entry) -> float:
    """Mean success over seeds."""
    return float(np.mean(entry.successes))


def slot_of(entry: Entry) -> int:
    """Which candidate of its generation it is: 5 of g02c05."""
    return int(entry.id.partition("c")[2])
