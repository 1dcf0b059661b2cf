"""The best and the worst of several that were watched together, as pairs: how ICPL asks people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from autoreward.errors import UsageError
from autoreward.records import Choice, Judgement, Preference

METRIC = "metric"  # the name of the rater that answers from the success metric


def pairs_of_ends(names: Sequence[str], best: str, worst: str) -> list[tuple[str, str]]:
    """What it says that one is the best and one the worst of these: (preferred, other), each pair once."""
    above = [(best, name) for name in names if name != best]
    return above + [(name, worst) for name in names if name not in (best, worst)]


def verdicts(shown: Sequence[str], choice: Choice) -> list[Judgement | None]:
    """What a choice says of each two that were shown, in the order of `combinations`; None: nothing.

    Raises:
        UsageError: it says nothing, or contradicts itself.
    """
    if choice.alike is not None:
        _refuse(choice.best is not None or choice.worst is not None, "One is marked, and all are said to be alike.")
        return [choice.alike for _ in combinations(shown, 2)]
    _refuse(choice.best not in shown or choice.worst not in (None, *shown), "This is no choice among what was shown.")
    _refuse(choice.best == choice.worst, "One is best and worst at once.")
    above = {(choice.best, name) for name in shown} | {(name, choice.worst) for name in shown}
    return ["a" if pair in above else "b" if pair[::-1] in above else None for pair in combinations(shown, 2)]


def _refuse(wrong: bool, what: str) -> None:
    if wrong:
        raise UsageError(what, "Name the best one and, if you like, another as the worst; or say that all are alike.")


def in_words(told: Sequence[Preference]) -> str:
    """What one choice said, in words: of two candidates, or of several at once."""
    if len(told) < 2:
        return "; ".join(one.in_words() for one in told)
    names = list(dict.fromkeys(name for one in told for name in (one.a, one.b)))
    why = f": {'; '.join(told[0].reasons)}" if told[0].reasons else ""
    if told[0].preferred is None:
        alike = {"tie": "equally good", "both_bad": "bad"}[told[0].verdict]
        return f"{', '.join(names[:-1])} and {names[-1]} are {'all ' * (alike == 'bad')}{alike}{why}"
    worse = [one.other for one in told]
    best = next(name for name in names if name not in worse)
    worst = [name for name in names if sum(name == one.other for one in told) == len(names) - 1]
    if worst:
        return f"{best} is the best and {worst[0]} the worst of {len(names)}{why}"
    return f"{best} is preferred to {', '.join(name for name in names if name != best)}{why}"


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
