"""What a pack or a task lets differ from simulation to simulation: read, checked, and said in words.

    RANDOMISE = (
        dict(quantity="mass", of="torso", scale=(0.8, 1.25)),  # times the model's own mass
        dict(quantity="friction", of="all", value=(0.4, 1.2), together=True),  # one number for all geoms
        dict(quantity="payload", of="torso", value=(0.0, 2.0)),  # [kg] on top of its mass
        dict(quantity="centre_of_mass", of="torso", value=(-0.02, 0.02)),  # [m] moved along each axis
        dict(quantity="gravity", scale=(0.9, 1.1)),
        dict(quantity="push", of="torso", value=(0.0, 0.5), every=5.0),  # [m/s] along the ground, at each of them
        dict(quantity="noise", of="joint_velocity", value=(0.0, 0.2)),  # standard deviation, of a part of OBSERVED
        dict(quantity="delay", of="joint_position", value=(0.0, 0.04)),  # [s] by which the policy sees it late
    )

`task.yaml` says the same under `randomise`, in place of the pack's. This is the declaration alone, whatever simulates
it; in environment/simulation, `randomisation.py` makes arrays of what the model has, and `disturbance.py` does the
pushes, the noise and the delay.
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
    "payload": "body",
    "centre_of_mass": "body",
    "gravity": "world",
    "push": "body",
    "noise": "observation",
    "delay": "observation",
}
DISTURBANCES = ("push", "noise", "delay")  # what is no number of the model
UNITS: Mapping[str, str] = {
    "mass": " kg", "payload": " kg", "centre_of_mass": " m", "push": " m/s", "delay": " s",
}  # fmt: skip
_KEYS = ("quantity", "of", "scale", "value", "together", "every")
_KINDS = get_args(RandomisedRange.model_fields["kind"].annotation)
_MAY_BE_ZERO = ("friction", "damping", "armature", "payload", *DISTURBANCES)  # as a value; a scale is always above 0
_MAY_BE_NEGATIVE = ("centre_of_mass",)
_ONLY: Mapping[str, str] = {  # the quantities that are said in one way
    "payload": "value", "centre_of_mass": "value", "gravity": "scale", "push": "value", "noise": "value",
    "delay": "value",
}  # fmt: skip
_OF_ALL = ("gravity", "noise", "delay")  # `of` may be left out
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
    quantity, kind = one["quantity"], given[0]
    if kind != _ONLY.get(quantity, kind):
        raise EnvironmentFailedError(
            f"{where}: the {quantity} is given as a {kind}, expected {_ONLY[quantity]}=(low, high).", _EXAMPLE
        )
    together = one.get("together", False)
    if not isinstance(together, bool):
        raise EnvironmentFailedError(f"{where}: together is {together!r}, expected true or false.", _EXAMPLE)
    least = _least(quantity, kind)
    low, high = _bounds(one[kind], f"{where}: {kind}", least)
    names = _names(one.get("of", ALL if quantity in _OF_ALL else None), where)
    if quantity == "gravity" and names != (ALL,):
        raise EnvironmentFailedError(f"{where}: of is {one.get('of')!r}; gravity is the same for all.", "Leave it out.")
    if quantity == "push" and (len(names) != 1 or names == (ALL,)):
        raise EnvironmentFailedError(f"{where}: of is {one.get('of')!r}, expected the body that is pushed.", _PUSH)
    every = _every(one, where)
    return RandomisedRange(quantity=quantity, of=names, kind=kind, low=low, high=high, together=together, every=every)


_PUSH = 'For instance dict(quantity="push", of="torso", value=(0.0, 0.5), every=5.0).'


def _least(quantity: str, kind: str) -> str:
    """How small a number may be, in words."""
    if kind == "value" and quantity in _MAY_BE_NEGATIVE:
        return ""
    return "from 0" if kind == "value" and quantity in _MAY_BE_ZERO else "above 0"


def _every(one: Mapping[str, Any], where: str) -> float | None:
    every = one.get("every")
    if one["quantity"] != "push":
        if every is not None:
            raise EnvironmentFailedError(f"{where}: every is {every!r}, but only a push comes again and again.", _PUSH)
        return None
    number = isinstance(every, int | float) and not isinstance(every, bool)
    if not number or not math.isfinite(float(every)) or float(every) <= 0:  # type: ignore[arg-type]
        raise EnvironmentFailedError(f"{where}: every is {every!r}, expected the seconds between two pushes.", _PUSH)
    return float(every)  # type: ignore[arg-type]


def _names(of: Any, where: str) -> tuple[str, ...]:
    names = (of,) if isinstance(of, str) else tuple(of) if isinstance(of, list | tuple) else ()
    if not names or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise EnvironmentFailedError(
            f"{where}: of is {of!r}, expected a name, several different names, or {ALL!r}.", _EXAMPLE
        )
    return names


def _bounds(given: Any, where: str, least: str) -> tuple[float, float]:
    pair = list(given) if isinstance(given, list | tuple) else []
    numbers = [float(one) for one in pair if isinstance(one, int | float) and not isinstance(one, bool)]
    sound = len(pair) == len(numbers) == 2 and all(map(math.isfinite, numbers)) and numbers[0] <= numbers[1]
    if not sound or (least and numbers[0] < 0) or (numbers[0] == 0 and least == "above 0"):
        also = f"{least} and " if least else ""
        raise EnvironmentFailedError(f"{where} is {given!r}, expected (low, high), {also}low <= high.", _EXAMPLE)
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
    plural = {"body": "bodies", "observation": "parts of the observation"}.get(owner, f"{owner}s")
    names = f"all {plural}" if one.of == (ALL,) else ", ".join(one.of)
    size = f"{one.low:g} to {one.high:g}" + (
        " times the model's" if one.kind == "scale" else UNITS.get(one.quantity, "")
    )
    alike = ", the same for all of them" if one.together and (len(one.of) > 1 or one.of == (ALL,)) else ""
    if one.quantity == "gravity":
        return f"gravity {size}"
    if one.quantity == "push":
        return f"pushes of {names} along the ground by {size} every {one.every:g} s"
    if one.quantity == "noise":
        return f"noise of {names} with a standard deviation of {size}{alike}"
    if one.quantity == "centre_of_mass":
        return f"centre of mass of {names} moved by {size} along each of its axes{alike}"
    return f"{one.quantity} of {names} {size}{alike}"
