"""Eureka: a generation of samples, the luckiest of which is what the next generation is shown.

Source: Ma et al. 2024, "Eureka: Human-Level Reward Design via Coding Large Language Models", ICLR, arXiv 2310.12931,
algorithm 1: K samples, one training each, the best by the maximum of its success; the prompt of the next iteration
holds that one program and its reflection, and nothing older; the result is the best of all iterations.
"""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.search.entry import Entry
from autoreward.search.selection import Shown


class Eureka:
    """By the maximum over seeds; each generation starts from the best of the one before.

    Eureka trains one seed of each and takes the maximum over its training. Here a policy is measured once, as the
    checkpoint with the best own return, and where there are several seeds the luckiest counts.
    """

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection."""
        measured = [entry for entry in entries if entry.successes]
        return sorted(measured, key=lambda one: (max(one.successes), max(one.progresses, default=0.0)), reverse=True)

    def leaders(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: the best of the last generation."""
        last = max((entry.candidate.generation for entry in entries), default=0)
        return self.rank([entry for entry in entries if entry.candidate.generation == last])[:1]

    def shown(self, entries: Sequence[Entry], generation: int, slot: int, candidates: int) -> Shown:
        """See Selection: nothing older than the best of the last generation, from which every slot starts."""
        leaders = self.leaders(entries)
        return Shown(leaders=tuple(leaders), parent=next(iter(leaders), None), shown_as="parents")
