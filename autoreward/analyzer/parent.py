"""A candidate beside its parent: what changed in the program, and what that did on equal seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from autoreward.analyzer.family import Relative
from autoreward.analyzer.formulas import formulas, whole
from autoreward.analyzer.incomes import mean_income
from autoreward.intervals import paired_interval
from autoreward.records import Difference, ParentComparison, TermChange

LATE = 0.5  # of training: the incomes that are compared are those after it
QUANTITIES: tuple[Literal["success", "progress", "length"], ...] = ("success", "progress", "length")
SAME = 1e-9  # relative difference of equal numbers


def compare_with_parent(own: Relative, parent: Relative, n_timesteps: int) -> ParentComparison | None:
    """What changed and what it did; None where no seed was trained with both, equally long."""
    lengths = [{(member.seed, member.env_steps) for member in one.recordings.trained} for one in (own, parent)]
    seeds = sorted(seed for seed, _ in lengths[0] & lengths[1])
    if not seeds:
        return None
    differences = (_difference(own, parent, quantity, seeds) for quantity in QUANTITIES)
    return ParentComparison(
        parent=parent.candidate,
        terms=_terms(own, parent, seeds, n_timesteps),
        params=_params(own.reward.params, parent.reward.params),
        potential=_potential(own, parent),
        seeds=len(seeds),
        differences=tuple(difference for difference in differences if difference is not None),
    )


def _difference(
    own: Relative, parent: Relative, quantity: Literal["success", "progress", "length"], seeds: Sequence[int]
) -> Difference | None:
    first, second = (_by_seed(relative, quantity, seeds) for relative in (own, parent))
    both = sorted(set(first) & set(second))
    episodes = own.recordings.evaluation(both[0]) if both else None
    difference = paired_interval(first, second, len(episodes.success) if episodes is not None else 0)
    if difference is None:
        return None
    means = [sum(values[seed] for seed in both) / len(both) for values in (second, first)]
    return Difference(quantity=quantity, parent=means[0], own=means[1], difference=difference)


def _by_seed(relative: Relative, quantity: str, seeds: Sequence[int]) -> dict[int, float]:
    values = {member.seed: getattr(member, quantity) for member in relative.recordings.trained if member.seed in seeds}
    return {seed: float(value) for seed, value in values.items() if value is not None}


def _terms(own: Relative, parent: Relative, seeds: Sequence[int], n_timesteps: int) -> tuple[TermChange, ...]:
    """The candidate's terms in program order, then those that it dropped."""
    before, after = (
        mean_income(relative.recordings, relative.weights, LATE * n_timesteps, float("inf"), seeds) or {}
        for relative in (parent, own)
    )
    rewritten = _rewritten(own, parent)
    names = [*own.weights, *(name for name in parent.weights if name not in own.weights)]
    return tuple(
        TermChange(
            name=name,
            change=_change(parent.weights.get(name), own.weights.get(name), name in rewritten),
            parent_weight=parent.weights.get(name),
            weight=own.weights.get(name),
            parent_income=before.get(name),
            income=after.get(name),
        )
        for name in names
    )


def _change(before: float | None, after: float | None, rewritten: bool) -> Any:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    if rewritten:
        return "rewritten"
    return "kept" if _same(before, after) else "reweighted"


def _rewritten(own: Relative, parent: Relative) -> set[str]:
    """The terms of both programs with different formulas; all of them where it cannot be told which."""
    first, second = formulas(own.source)[0], formulas(parent.source)[0]
    changed = whole(own.source) != whole(parent.source)
    both = set(own.reward.weights) & set(parent.reward.weights)  # a sparse progress is no term of the program
    return {name for name in both if (first[name] != second[name] if name in first and name in second else changed)}


def _params(own: Mapping[str, float], parent: Mapping[str, float]) -> dict[str, tuple[float | None, float | None]]:
    """Those that were added, removed or changed."""
    pairs = {name: (parent.get(name), own.get(name)) for name in [*own, *(n for n in parent if n not in own)]}
    return {name: (a, b) for name, (a, b) in pairs.items() if a is None or b is None or not _same(a, b)}


def _potential(own: Relative, parent: Relative) -> Any:
    first, second = formulas(own.source)[1], formulas(parent.source)[1]
    if not first or not second:
        return "added" if first else "removed" if second else "none"
    return "kept" if first == second else "rewritten"


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= SAME * max(abs(a), abs(b))
