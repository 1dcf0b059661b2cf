"""The best and the worst of several that were watched together, as pairs: how ICPL asks people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autoreward.records import Judgement

METRIC = "metric"  # the name of the rater that answers from the success metric


def pairs_of_ends(names: Sequence[str], best: str, worst: str) -> list[tuple[str, str]]:
    """What it says that one is the best and one the worst of these: (preferred, other), each pair once."""
    above = [(best, name) for name in names if name != best]
    return above + [(name, worst) for name in names if name not in (best, worst)]


def metric_answers(
    fresh: Sequence[str], favourite: str | None, values: Mapping[str, tuple[float, float]]
) -> list[tuple[str, str, Judgement]]:
    """What the success metric says in the place of people: best and worst of a generation, and best beside favourite.

    Args:
        fresh: the candidates of the generation, in order of id.
        favourite: the best of those before it; None where there is none.
        values: (success, progress) of each candidate that was measured.

    Returns:
        (one, other, verdict), where "a" says that the first one is better.
    """
    measured = [name for name in fresh if name in values]
    if not measured:
        return []
    best, worst = max(measured, key=values.__getitem__), min(measured, key=values.__getitem__)
    ends: list[tuple[str, str, Judgement]] = []
    if values[best] > values[worst]:
        ends = [
            (one, other, _verdict(values[one], values[other])) for one, other in pairs_of_ends(measured, best, worst)
        ]
    else:
        ends = [(measured[0], name, "tie") for name in measured[1:]]
    if favourite is not None and favourite in values:
        ends.append((best, favourite, _verdict(values[best], values[favourite])))
    return ends


def _verdict(one: tuple[float, float], other: tuple[float, float]) -> Judgement:
    return "tie" if one == other else "a" if one > other else "b"
