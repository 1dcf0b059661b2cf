"""What a pack or a task lets differ from simulation to simulation: read, checked, and said in words.

    RANDOMISE = (
        dict(quantity="mass", of="torso", scale=(0.8, 1.25)),  # times the model's own mass
        dict(quantity="friction", of="all", value=(0.4, 1.2), together=True),  # one number for all geoms
    )

`task.yaml` says the same under `randomise`, in place of the pack's. This is the declaration alone, whatever simulates
it; `environment/simulation/randomisation.py` makes arrays of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, get_args

from autoreward.errors import EnvironmentFailedError
from autoreward.records import RandomisedRange

ALL = "all"
OWNERS: Mapping[str, str] = {  # quantity -> what has it in the model
    "mass": "body",
    "friction": "geom",
    "gain": "actuator",
    "damping": "joint",
    "armature": "joint",
}
UNITS: Mapping[str, str] = {"mass": " kg"}
_KEYS = ("quantity", "of", "scale", "value", "together")
_KINDS = get_args(RandomisedRange.model_fields["kind"].annotation)
_MAY_BE_ZERO = ("friction", "damping", "armature")  # as a value; a scale is always above 0
_EXAMPLE = 'For instance dict(quantity="mass", of="torso", scale=(0.8, 1.25)).'


def read_ranges(declared: Any, where: str) -> tuple[RandomisedRange, ...]:
    """The declared ranges.

    Args:
        declared: a tuple of mappings, each with quantity, of, and either scale or value.
        where: what declares them, for errors.

    Raises:
        EnvironmentFailedError: a key, a name or a bound is wrong, or something is declared twice.
    """
    if not isinstance(declared, tuple) or not all(isinstance(one, Mapping) for one in declared):
        raise EnvironmentFailedError(f"{where} is {declared!r}, expected a tuple of mappings.", _EXAMPLE)
    ranges = tuple(_read(one, f"{where}[{index}]") for index, one in enumerate(declared))
    for index, one in enumerate(ranges):
        _check_once(one, ranges[:index], f"{where}[{index}]")
    return ranges


def in_words(ranges: tuple[RandomisedRange, ...]) -> str:
    """One sentence for a designer and for people; empty where nothing is randomised."""
    if not ranges:
        return ""
    return (
        "Each simulated robot differs from the others, uniformly within bounds, and keeps its numbers for the whole "
        f"training: {'; '.join(map(_in_words, ranges))}."
    )


def _read(one: Mapping[str, Any], where: str) -> RandomisedRange:
    unknown = sorted(set(map(str, one)) - set(_KEYS))
    if unknown:
        raise EnvironmentFailedError(
            f"{where} has unknown keys: {', '.join(unknown)}. Known: {', '.join(_KEYS)}.", _EXAMPLE
        )
    if one.get("quantity") not in OWNERS:
        raise EnvironmentFailedError(
            f"{where}: quantity is {one.get('quantity')!r}, expected one of {', '.join(OWNERS)}.", _EXAMPLE
        )
    given = [kind for kind in _KINDS if kind in one]
    if len(given) != 1:
        seen = " and ".join(given) or "neither"
        raise EnvironmentFailedError(f"{where} gives {seen}, expected either scale or value.", _EXAMPLE)
    together = one.get("together", False)
    if not isinstance(together, bool):
        raise EnvironmentFailedError(f"{where}: together is {together!r}, expected true or false.", _EXAMPLE)
    low, high = _bounds(one[given[0]], f"{where}: {given[0]}", one["quantity"] in _MAY_BE_ZERO and given[0] == "value")
    return RandomisedRange(
        quantity=one["quantity"], of=_names(one.get("of"), where), kind=given[0], low=low, high=high, together=together
    )


def _names(of: Any, where: str) -> tuple[str, ...]:
    names = (of,) if isinstance(of, str) else tuple(of) if isinstance(of, list | tuple) else ()
    if not names or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise EnvironmentFailedError(
            f"{where}: of is {of!r}, expected a name, several different names, or {ALL!r}.", _EXAMPLE
        )
    return names


def _bounds(given: Any, where: str, may_be_zero: bool) -> tuple[float, float]:
    pair = list(given) if isinstance(given, list | tuple) else []
    numbers = [float(one) for one in pair if isinstance(one, int | float) and not isinstance(one, bool)]
    sound = len(pair) == len(numbers) == 2 and all(map(math.isfinite, numbers)) and numbers[0] <= numbers[1]
    if not sound or numbers[0] < 0 or (numbers[0] == 0 and not may_be_zero):
        least = "from 0" if may_be_zero else "above 0"
        raise EnvironmentFailedError(f"{where} is {given!r}, expected (low, high), {least} and low <= high.", _EXAMPLE)
    return numbers[0], numbers[1]


def _check_once(one: RandomisedRange, before: tuple[RandomisedRange, ...], where: str) -> None:
    for other in before:
        same = set(one.of) & set(other.of) or (ALL in (*one.of, *other.of) and {ALL})
        if one.quantity == other.quantity and same:
            raise EnvironmentFailedError(
                f"{where}: the {one.quantity} of {', '.join(sorted(same))} is declared twice.", "Declare it once."
            )


def _in_words(one: RandomisedRange) -> str:
    owner = OWNERS[one.quantity]
    plural = {"body": "bodies"}.get(owner, f"{owner}s")
    names = f"all {plural}" if one.of == (ALL,) else ", ".join(one.of)
    unit = UNITS.get(one.quantity, "")
    size = f"{one.low:g} to {one.high:g}" + (" times the model's" if one.kind == "scale" else unit)
    alike = ", the same for all of them" if one.together and (len(one.of) > 1 or one.of == (ALL,)) else ""
    return f"{one.quantity} of {names} {size}{alike}"
