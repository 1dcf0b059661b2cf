"""From what is set to the combination of a program: which learns, and from what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from autoreward.config import FACTOR, RANK_EXAMPLE, DesignSettings
from autoreward.errors import UnknownNameError, UsageError
from autoreward.records import CombinationSpec, CompiledReward, RankedFactor

MARGIN = 0.5  # standard deviations, where none is written


def combination_of(design: DesignSettings, compiled: CompiledReward | None) -> CombinationSpec:
    """How the terms of a program are combined.

    Raises:
        UsageError: nothing can be learned for this program.
    """
    if compiled is None or (design.combine == "fixed" and not design.adapt):
        return CombinationSpec()
    if not compiled.form.plain:
        raise UsageError(
            f"Its FORM is of kind {compiled.form.kind!r}: --combine and --adapt weight the terms of a sum.",
            "Train it with the weights that it has, or write it without a FORM.",
        )
    rank = read_rank(design.rank, compiled) if design.combine == "ranked" and design.rank else ()
    return CombinationSpec(kind=design.combine, model=design.combine_model, rank=rank, adapt=design.adapt)


def read_rank(text: str, compiled: CompiledReward) -> tuple[RankedFactor, ...]:
    """The factors of `forward > upright 0.2 > effort`, the first counts most.

    More of a term is better where its weight is positive, less where it is negative or `-effort` is written.

    Raises:
        UnknownNameError: a factor is no term of the program.
        UsageError: it is no ranking.
    """
    factors = []
    for part in text.split(">"):
        found = FACTOR.fullmatch(part)
        if found is None:
            raise UsageError(f"--rank has {part.strip()!r:.60}, expected a term and, if you like, a margin.", _EXAMPLE)
        name, margin = found[2], float(found[3]) if found[3] else MARGIN
        if name not in compiled.weights:
            raise UnknownNameError("term", name, compiled.term_names)
        better: Literal["more", "less"] = "less" if found[1] or compiled.weights[name] < 0.0 else "more"
        factors.append(RankedFactor(term=name, better=better, margin=margin))
    refuse_repeated([factor.term for factor in factors])
    return tuple(factors)


def refuse_repeated(names: Sequence[str]) -> None:
    """Raise for a factor that is ranked twice."""
    again = next((name for name in names if names.count(name) > 1), None)
    if again is not None:
        raise UsageError(f"--rank has {again!r} twice.", "Give each term one place.")


_EXAMPLE = f"Write for instance --rank {RANK_EXAMPLE!r}; margins are in standard deviations."
