"""A program with the weights that a person set, for the next generation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.run import PROPOSAL
from autoreward.records import Proposal
from autoreward.runs.report import find_accepted
from autoreward.search.given import with_weights
from autoreward.search.leaderboard import read_leaderboard
from autoreward.views import ProposalView

LARGEST = 1e6  # of a weight


def propose_weights(folder: Path, candidate: str | None, weights: Mapping[str, float], rater: str) -> ProposalView:
    """Store it, durably; the next generation has it as a candidate, which passes the critic like every other.

    Raises:
        UnknownNameError, NoValidCandidateError: there is no such candidate, or no program of it.
        UsageError: these are not the weights of its program.
        StorageError: the run cannot be written.
    """
    with Run.open(folder, write=False) as run:
        entry, _ = find_accepted(run, candidate, "change")
        wrong = [name for name, value in weights.items() if not math.isfinite(value) or abs(value) > LARGEST]
        if wrong:
            raise UsageError(f"{wrong[0]}: {weights[wrong[0]]} is no weight.", f"A number up to {LARGEST:g}.")
        if with_weights(read_leaderboard(run), entry.id, weights) is None:
            raise UsageError(
                f"{entry.id} has no terms {', '.join(sorted(weights)) or '(none)'}.", "Give each of its terms a weight."
            )
        run.append(PROPOSAL, rater, Proposal(candidate=entry.id, weights=dict(weights), rater=rater))
        return ProposalView(run=run.id, candidate=entry.id, weights=dict(weights), rater=rater)
