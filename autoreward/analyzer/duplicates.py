"""Two candidates that pay the same: by their programs, or by what their policies earned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.analyzer.family import Family, Relative
from autoreward.number_format import number
from autoreward.records import Symptom

SAME_RATIO = 1e-6  # relative difference of weights that are equal but for rounding
MIN_DIFFERENT = 3  # values of a curve: fewer can be equal by chance, as where every episode earns nothing


def find_duplicate(family: Family) -> Symptom | None:
    """Of which earlier candidate this one is a copy; None where it is none.

    Programs are copies where they compute the same from the same parameters and their weights differ by one positive
    factor. Equal seeds see equal randomness, so own returns that are equal to the last digit for every seed show the
    same policies, however different the programs look.
    """
    for other in family.earlier:
        ratio = _weight_ratio(family.own, other)
        if ratio is not None:
            what = "the same as" if abs(ratio - 1.0) <= SAME_RATIO else f"{number(ratio)} times what is paid by"
            text = f"it pays {what} {other.candidate}: the program and its parameters are the same."
            return Symptom(name="duplicate", evidence=text)
        if _earned_the_same(family.own, other):
            text = f"own return was equal to that of {other.candidate} all along, for every seed."
            return Symptom(name="duplicate", evidence=text)
    return None


def _weight_ratio(own: Relative, other: Relative) -> float | None:
    """The factor between the weights of one and the same program; None for different programs."""
    a, b = own.reward, other.reward
    if a.digest != b.digest or dict(a.params) != dict(b.params) or a.term_names != b.term_names or a.form != b.form:
        return None
    pairs = list(zip(a.ordered_weights, b.ordered_weights, strict=True))
    ratio = next((x / y for x, y in pairs if y), 1.0)
    if (a.has_potential or not a.form.plain) and abs(ratio - 1.0) > SAME_RATIO:
        return None  # neither a potential nor another form than the sum is scaled with them
    same = all(abs(x - ratio * y) <= SAME_RATIO * abs(x) for x, y in pairs)
    return ratio if same and ratio > 0.0 else None


def _earned_the_same(own: Relative, other: Relative) -> bool:
    seeds = {member.seed for member in own.recordings.trained} & {member.seed for member in other.recordings.trained}
    return bool(seeds) and all(_equal_curves(own, other, seed) for seed in seeds)


def _equal_curves(own: Relative, other: Relative, seed: int) -> bool:
    a, b = own.recordings.curves(seed), other.recordings.curves(seed)
    if a is None or b is None or _count_different(a.own_return) < MIN_DIFFERENT:
        return False
    return np.array_equal(a.own_return, b.own_return, equal_nan=True)


def _count_different(curve: NDArray[Any]) -> int:
    return len(np.unique(curve[np.isfinite(curve)]))
