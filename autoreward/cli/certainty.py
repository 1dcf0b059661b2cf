"""How sure a search is of its best, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autoreward.number_format import number

if TYPE_CHECKING:
    from autoreward.records import Certainty


def in_words(certainty: Certainty) -> str:
    """`g00c01 is the best with 41 % (within noise of g00c03: about 12 more seeds of both, 7,200,000 steps, ...)`."""
    best, sure = certainty.best, certainty.probability_best[certainty.best]
    said = f"{best} is the best with {sure:.0%}"
    if certainty.probability_beats_human is not None:
        said += f", better than the human reward with {certainty.probability_beats_human:.0%}"
    if certainty.reliability is None:
        said += f"; one seed of each tells nothing of how much of the differences in {certainty.measured} is chance"
    else:
        said += f"; {certainty.reliability:.0%} of the differences in {certainty.measured} are the rewards' own"
    return said + ("" if certainty.decided else f"; {_more(certainty)}")


def _more(certainty: Certainty) -> str:
    """What would decide between the best and the runner-up."""
    noise = f"within noise of {certainty.runner_up}"
    if certainty.more_seeds is None:
        return f"{noise}: no affordable number of seeds would tell them apart"
    if not certainty.more_seeds:
        return f"{noise} or of others behind it"
    minutes = "" if certainty.more_minutes is None else f", {number(certainty.more_minutes)} min"
    seeds = f"about {certainty.more_seeds} more seed{'s' if certainty.more_seeds > 1 else ''} of each"
    return f"{noise}: {seeds} would tell them apart ({certainty.more_steps:,} steps{minutes})"
