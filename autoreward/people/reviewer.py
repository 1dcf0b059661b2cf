"""A person who can be asked about the success metric that a language model finds in a text."""

from __future__ import annotations

from typing import Protocol

from autoreward.records import Fitness, MetricAnswer, MetricProposal, MetricQuestion, MetricSpec


class MetricReviewer(Protocol):
    """Asked before any reward exists; where there is nobody, the likeliest answer and the proposed metric are taken."""

    def choose(self, question: MetricQuestion, proposed: int) -> int:
        """The option that answers a question; `proposed` is the likeliest."""

    def reword(self, problem: str) -> str:
        """The person's words where no draft can be used, because of this problem; "" ends the search."""

    def confirm(self, proposal: MetricProposal, problem: str) -> MetricAnswer:
        """What the person says to a proposal; `problem` is what was wrong with the last answer, "" at first."""

    def meant(self, candidate: str, fitness: Fitness | None, metric: MetricSpec, clip: str | None) -> str:
        """What is wrong with what the best candidate does, in words; "" where it does what was meant.

        Args:
            clip: of the candidate, a file; None: there is none.
        """
