"""How people order the candidates, from pairs; and which pair is asked about next."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np

from autoreward.people.bradley_terry import fit
from autoreward.records import Preference

ROUND = 10  # pairs at most that a rater is asked about a generation
RIDGE = 0.5  # on the strengths: a candidate that was never compared has strength 0
DISPUTED = 0.1  # standard deviation of P(a > b) over fits, from which a pair is asked about though both are known
Disputed = Callable[[Sequence[tuple[str, str]]], tuple[tuple[str, str] | None, float]]
OUTCOMES = {"a": 1.0, "b": 0.0, "tie": 0.5, "both_bad": 0.5}


def strengths(candidates: Sequence[str], told: Sequence[Preference]) -> Mapping[str, float]:
    """How much each candidate is preferred, by all preferences together; only differences mean something.

    "Both bad" is a tie, and a defeat of both against what nobody has shown yet, whose strength is 0.
    """
    place = {name: column for column, name in enumerate(candidates)}
    rows, outcomes = [], []
    for one in told:
        if one.a not in place or one.b not in place:
            continue
        better, worse = np.eye(len(place))[[place[one.a], place[one.b]]]
        rows.append(better - worse)
        outcomes.append(OUTCOMES[one.verdict])
        if one.verdict == "both_bad":
            rows += [better, worse]
            outcomes += [0.0, 0.0]
    if not rows:
        return dict.fromkeys(candidates, 0.0)
    fitted = fit(np.stack(rows), np.asarray(outcomes), RIDGE)
    return {name: float(fitted[column]) for name, column in place.items()}


def favourite(candidates: Sequence[str], told: Sequence[Preference]) -> str | None:
    """The candidate that people prefer, of those that they compared; None where they compared none."""
    compared = {name for one in told for name in (one.a, one.b)}
    known = [name for name in candidates if name in compared]
    strong = strengths(candidates, told)
    return max(known, key=lambda name: strong[name], default=None)


def next_pair(
    candidates: Sequence[str], told: Sequence[Preference], rater: str, disputed: Disputed | None = None
) -> tuple[str, str] | None:
    """The two candidates that a rater is asked about next, in the order of their ids; None where it is enough.

    While there are candidates that this rater has not compared, a pair has one of them; then those that are still
    disputed are asked about, up to ROUND a generation. Of several it is the most disputed one; where that cannot be
    told, a new candidate stands beside the one that this rater likes best so far.

    Args:
        candidates: whose policies can be watched, in the order of their ids.
        told: the preferences of all raters.
        disputed: the pair that is disputed most, and how much; None where what the terms come to is not known.
    """
    mine = [one for one in told if one.rater == rater]
    if len(candidates) < 2 or len(_of_newest(candidates, mine)) >= ROUND:
        return None
    compared = {name for one in mine for name in (one.a, one.b)}
    fresh = [name for name in reversed(candidates) if name not in compared]  # the newest first
    again = None if fresh else repeat(candidates, mine)
    if again is not None:
        return again
    pair, spread = disputed(_unasked(candidates, fresh, mine)) if disputed else (None, 0.0)
    if not fresh:
        return pair if spread >= DISPUTED else None
    if pair is not None:
        return pair
    beside = favourite(candidates, mine) or fresh.pop(0)
    return (min(beside, fresh[0]), max(beside, fresh[0]))


def _unasked(candidates: Sequence[str], fresh: Sequence[str], mine: Sequence[Preference]) -> list[tuple[str, str]]:
    """The pairs that a rater was not asked about; while some are fresh, those with one of them."""
    asked = {(one.a, one.b) for one in mine}
    pairs = [pair for pair in combinations(sorted(candidates), 2) if pair not in asked]
    return [pair for pair in pairs if set(pair) & set(fresh)] if fresh else pairs


def remaining(
    candidates: Sequence[str], told: Sequence[Preference], rater: str, disputed: Disputed | None = None
) -> int:
    """How many pairs a rater is still asked about, at most."""
    if next_pair(candidates, told, rater, disputed) is None:
        return 0
    mine = [one for one in told if one.rater == rater]
    compared = {name for one in mine for name in (one.a, one.b)}
    fresh = sum(name not in compared for name in candidates)
    again = int(not fresh)  # a pair that is shown mirrored, or the next that is disputed
    left = len(_unasked(candidates, [], mine)) if disputed else fresh + again - (not compared)
    return min(max(left, 1), ROUND - len(_of_newest(candidates, mine)))


def uncompared(candidates: Sequence[str], fresh: Sequence[str], told: Sequence[Preference]) -> list[str]:
    """Those of a generation that nobody has compared, while it is worth to ask.

    Args:
        candidates: all that can be chosen.
        fresh: those of the generation.
    """
    compared = {name for one in told for name in (one.a, one.b)}
    round_of = [one for one in told if one.a in fresh or one.b in fresh]
    if len(candidates) < 2 or len(round_of) >= ROUND:
        return []
    return [name for name in fresh if name not in compared]


def repeat(candidates: Sequence[str], mine: Sequence[Preference]) -> tuple[str, str] | None:
    """A pair that is asked about again, mirrored: one answer of ten tells how much a rater agrees with itself."""
    asked: dict[tuple[str, str], int] = {}
    for one in mine:
        asked[one.a, one.b] = asked.get((one.a, one.b), 0) + 1
    repeated = sum(count - 1 for count in asked.values())
    once = [pair for pair, count in asked.items() if count == 1 and set(pair) <= set(candidates)]
    return once[0] if once and repeated < len(mine) // (ROUND - 1) else None


def sides(pair: tuple[str, str], question: str) -> tuple[str, str]:
    """The two in the order in which they are shown: by chance, mirrored when they are asked about again."""
    pair_of_rater, _, number = question.rpartition("/")
    flipped = hashlib.sha256(pair_of_rater.encode()).digest()[0] % 2 == (int(number) + 1) % 2
    return (pair[1], pair[0]) if flipped else pair


def places(candidates: Sequence[str], question: str) -> list[str]:
    """Several in the order in which they are shown: by chance, another one when they are asked about again."""
    return sorted(candidates, key=lambda name: hashlib.sha256(f"{question}#{name}".encode()).digest())


def _of_newest(candidates: Sequence[str], told: Sequence[Preference]) -> list[Preference]:
    """The preferences that a candidate of the newest generation is part of: those of this round."""
    newest = max(map(_generation, candidates), default="")
    return [one for one in told if newest in (_generation(one.a), _generation(one.b))]


def _generation(candidate: str) -> str:
    """`g01` of `g01c02`."""
    return candidate.partition("c")[0]
