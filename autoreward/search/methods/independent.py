"""Methods whose candidates know nothing of each other: one shot, and the best of many."""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.search.entry import Entry
from autoreward.search.selection import MetricSelection, Shown


class BestOfN:
    """Every candidate is written afresh and shown nothing of the others; the best by the metric is taken."""

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection."""
        return MetricSelection().rank(entries)

    def leaders(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: nobody."""
        return []

    def shown(self, entries: Sequence[Entry], generation: int, slot: int, candidates: int) -> Shown:
        """See Selection: nothing."""
        return Shown()


class Text2Reward(BestOfN):
    """One shot: the first program that trains is the result, whatever it comes to.

    Source: Xie et al. 2024, "Text2Reward: Reward Shaping with Language Models for Reinforcement Learning", ICLR,
    arXiv 2309.11489, its zero-shot setting. What people say of a trained policy is `refine`.
    """

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """See Selection: in order of id."""
        return [entry for entry in entries if entry.successes]
