"""Symptoms of single terms: they hide the others, do nothing, or pay for the wrong thing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autoreward.analyzer.evidence import Evidence
from autoreward.analyzer.terms import usual_ranges
from autoreward.number_format import number
from autoreward.recordings import TrainingCurves
from autoreward.records import REWARD_CLIP, Symptom, TermReport

DOMINANT = 0.9  # share of all income: what is left for the others is below the noise of a return
FLAT = 0.01  # of the largest weighted range: a term that moves this little cannot steer a policy
CONSTANT = 1e-6  # of its own size: a term whose values are equal up to rounding
OPPOSED = -0.5  # correlation of income with success: one quarter of the variance or more
FOLLOWED = 0.5  # correlation of income with success from which a term that dominates is the right one
COUNTS = 0.1  # share of the income from which a term can pull a policy the wrong way
SATURATED = 0.95  # of the range of a term, from start to end: nothing is left to be gained
ENDS = 0.05  # share of late episodes that terminate from which they count as ending early
SPIKY = 30.0  # times its usual size: one such step is worth a whole stretch of ordinary ones
OFTEN_CUT = 0.001  # share of rewards cut at REWARD_CLIP: a term that spikes in every rollout
RARE = 0.01  # of its highest value is what a term pays on average: it is hardly ever earned


def dominant_term(evidence: Evidence) -> list[Symptom]:
    """One of several terms makes almost all of the income, and success does not follow it."""
    return [
        Symptom(
            name="dominant_term",
            evidence=f"term '{term.name}' makes {term.share:.0%} of the absolute weighted income of "
            f"{sum(one.weight != 0.0 for one in evidence.terms)} terms, and success does not follow it.",
        )
        for term in _dominant(evidence)
    ]


def _dominant(evidence: Evidence) -> list[TermReport]:
    if evidence.follows or evidence.solved:
        return []
    paid = [term for term in evidence.terms if term.weight != 0.0]
    return [
        term
        for term in paid
        if len(paid) > 1 and term.share > DOMINANT and (term.correlation is None or term.correlation < FOLLOWED)
    ]


def opposing_term(evidence: Evidence) -> list[Symptom]:
    """A term that is wanted (positive weight, real income) and pays less the better the task is done.

    A penalty is expected to: doing more costs more.
    """
    return [
        Symptom(
            name="opposing_term",
            evidence=f"term '{term.name}' pays less where {term.correlated_with} is higher "
            f"(correlation {term.correlation:+.2f}), and makes {term.share:.0%} of the income.",
        )
        for term in evidence.terms
        if term.weight > 0.0 and term.share >= COUNTS and term.correlation is not None and term.correlation <= OPPOSED
    ]


def flat_term(evidence: Evidence) -> list[Symptom]:
    """A term that hardly moves, by itself or beside the largest one.

    Beside a term that was told to dominate, that the others are small is no news; that one never moves is.
    """
    dominated = bool(_dominant(evidence))
    ranges = usual_ranges(evidence.recordings) if dominated else {}
    still = {term.name for term in evidence.terms if not dominated or _constant(term, ranges[term.name])}
    return [Symptom(name="flat_term", evidence=text) for name, text in _flat(evidence).items() if name in still]


def _flat(evidence: Evidence) -> dict[str, str]:
    """The terms that hardly move, with the numbers that show it."""
    if not evidence.terms:
        return {}
    ranges = usual_ranges(evidence.recordings)
    moves = {term.name: abs(term.weight) * ranges[term.name] for term in evidence.terms}
    widest = max(moves, key=moves.__getitem__)
    flat = {}
    for term in evidence.terms:
        share = moves[term.name] / moves[widest] if moves[widest] else 0.0
        if _constant(term, ranges[term.name]):
            flat[term.name] = f"term '{term.name}' is always {number(term.end)}."
        elif moves[term.name] < FLAT * moves[widest]:
            flat[term.name] = f"term '{term.name}' times its weight moves {share:.1%} as far as '{widest}'."
    return flat


def saturated_term(evidence: Evidence) -> list[Symptom]:
    """A wanted term that is near its highest value from start to end, though the task is not solved.

    Not where episodes terminate: there a term at its highest value still pays for longer episodes.
    """
    terminated = evidence.trend("terminated")
    if evidence.solved or (terminated is not None and terminated.after >= ENDS):
        return []
    return [
        Symptom(
            name="saturated_term",
            evidence=f"term '{term.name}' is near its highest value from the start: mean {number(term.start)} -> "
            f"{number(term.end)} of at most {number(term.high)}. There is nothing left to be gained from it.",
        )
        for term in _wanted(evidence)
        if min(_reached(term, term.start), _reached(term, term.end)) >= SATURATED
    ]


def rare_term(evidence: Evidence) -> list[Symptom]:
    """A bonus that is hardly ever earned: a policy cannot find its way to it."""
    return [
        Symptom(
            name="rare_term",
            evidence=f"term '{term.name}' pays up to {number(term.high)}, but {number(term.end)} a step on average at "
            "the end: it is hardly ever earned.",
        )
        for term in _wanted(evidence)
        if term.low >= 0.0 and max(term.start, term.end) < RARE * term.high
    ]


def spiky_term(evidence: Evidence) -> list[Symptom]:
    """A term that is usually small and at single steps so large that the reward is cut there."""
    count = len(evidence.terms)
    curves = [one for one in evidence.recordings.all_curves if _complete(one) and one.term_mean.shape[1] == count]
    if not curves or not count:
        return []
    clipped = np.concatenate([one.clipped for one in curves])
    cut = float(np.nanmean(clipped)) if np.isfinite(clipped).any() else None
    if cut == 0.0:
        return []
    spikes = [_spike(evidence, curves, k, cut) for k in range(count)]
    highest = max(spike.peak for spike in spikes)
    cut_share = "" if cut is None else f"; {cut:.2g} of all rewards were cut at {REWARD_CLIP:g} times the usual return"
    return [
        Symptom(
            name="spiky_term",
            evidence=f"term '{spike.term}' times its weight reaches {number(spike.peak)} (by step {spike.step:,}), "
            f"{number(spike.peak / spike.usual)} times its median of {number(spike.usual)}{cut_share}.",
        )
        for spike in spikes
        if spike.peak > SPIKY * spike.usual > 0.0 and spike.peak > 0.5 * highest
    ]


def _complete(curves: TrainingCurves) -> bool:
    """Whether all of it was recorded: what was not is NaN."""
    parts = (curves.env_steps, curves.term_mean, curves.term_low, curves.term_high)
    return all(bool(np.isfinite(part).all()) for part in parts)


class _Spike(NamedTuple):
    """The largest value of a term, times its weight."""

    term: str
    peak: float
    usual: float  # median over rollouts
    step: int  # of its member, at the end of the rollout


def _spike(evidence: Evidence, curves: Sequence[TrainingCurves], k: int, cut: float | None) -> _Spike:
    """How far a term leaves its median: of the rollouts' largest values; of their means where it spikes in all."""
    weight = abs(evidence.terms[k].weight)
    largest = np.concatenate([np.maximum(np.abs(one.term_low[:, k]), np.abs(one.term_high[:, k])) for one in curves])
    usual = largest
    if cut is not None and cut >= OFTEN_CUT:
        usual = np.concatenate([np.abs(one.term_mean[:, k]) for one in curves])
    steps = np.concatenate([one.env_steps for one in curves])
    place = int(np.argmax(largest))
    return _Spike(
        evidence.terms[k].name, float(weight * largest[place]), float(weight * np.median(usual)), int(steps[place])
    )


def _wanted(evidence: Evidence) -> list[TermReport]:
    """The terms with positive weights of which nothing else is told yet: those that move."""
    flat = _flat(evidence)
    return [term for term in evidence.terms if term.weight > 0.0 and term.high > term.low and term.name not in flat]


def _constant(term: TermReport, span: float) -> bool:
    return span <= CONSTANT * max(1.0, abs(term.high))


def _reached(term: TermReport, value: float) -> float:
    """Where a value lies between the lowest (0) and the highest (1) of a term."""
    return (value - term.low) / (term.high - term.low)
