"""What a pack declares, held against what its model and functions give: the range of actions, drawn numbers, fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from autoreward.environment.pack import Pack
from autoreward.errors import EnvironmentFailedError

WIDEST = 1e6  # a range beyond this is none: the policy's own numbers are applied


@dataclass(frozen=True)
class ActionRange:
    """The actions an environment takes; the policy's -1..1 is scaled to it."""

    low: Float[np.ndarray, " A"]
    high: Float[np.ndarray, " A"]
    choices: tuple[int, ...] = ()  # sizes of one-hot parts, A in all: choices among so many; (): numbers in the range

    @property
    def free(self) -> Bool[np.ndarray, " A"]:
        """Entries without two limits: the policy's numbers are applied as they are, within the limit that there is."""
        with np.errstate(over="ignore"):
            return np.asarray(~(np.asarray(self.high) - np.asarray(self.low) <= WIDEST))


def check_drawn(pack: Pack, drawn: Mapping[str, Any], memory: Mapping[str, Any]) -> None:
    """What reset() draws has to have a place in the memory.

    Raises:
        EnvironmentFailedError: it has none, or the memory does not advance with every step.
    """
    if set(drawn) - set(memory) or not pack.memory_in_step:
        raise EnvironmentFailedError(
            f"{pack.name}: reset() draws {sorted(drawn)}, expected entries that memory() keeps at every step.",
            "Set MEMORY_IN_STEP = True; memory() returns each of them, from `previous` where that is not None.",
        )


_AS_DECLARED = "Every declared field is returned as [..., *shape], and no other."


def check_names(pack: Pack, fields: Collection[str]) -> None:
    """Every declared field has to be there, and no other.

    Raises:
        EnvironmentFailedError: the pack's `fields` returned other names than FIELDS declares.
    """
    wrong = sorted(set(fields) ^ {field.name for field in pack.fields_declared})
    if wrong:
        raise EnvironmentFailedError(f"{pack.name}: fields() and FIELDS differ in names: {wrong}.", _AS_DECLARED)


def check_field(pack: Pack, name: str, came: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """A field has to be `[*shape, ...]`, as FIELDS declares it.

    Raises:
        EnvironmentFailedError: the pack's `fields` returned another shape than FIELDS declares.
    """
    (declared,) = (field.shape for field in pack.fields_declared if field.name == name)
    if came != (*shape, *declared):
        raise EnvironmentFailedError(
            f"{pack.name}: fields() gives {name} the shape {came}, FIELDS declares {(*shape, *declared)}.",
            _AS_DECLARED,
        )


def action_range(pack: Pack, model: Any) -> ActionRange:
    """The range of each entry of the action: the pack's where it states one, else the model's, -1..1 where it has none.

    Raises:
        EnvironmentFailedError: the pack states something else than pairs, or too few of them.
    """
    if pack.action_range is not None:
        return _stated_range(pack, pack.action_range, model.nu if pack.control is None else len(pack.action_range))
    if pack.control is not None:
        raise EnvironmentFailedError(
            f"{pack.name}: control() makes the controls from the action, but nothing says how large an action is.",
            "Add ACTION_RANGE: a pair (low, high) for each entry of the action.",
        )
    limited = model.actuator_ctrllimited.astype(bool)
    low = np.where(limited, model.actuator_ctrlrange[:, 0], -1.0).astype(np.float32)
    high = np.where(limited, model.actuator_ctrlrange[:, 1], 1.0).astype(np.float32)
    if low.size == 0:
        raise EnvironmentFailedError(f"{pack.name}: its model has no actuators, so there is nothing to learn.")
    return ActionRange(low, high)


def _stated_range(pack: Pack, stated: tuple[tuple[Any, Any], ...], actuators: int) -> ActionRange:
    try:
        pairs = np.asarray(stated, np.float32)
    except (TypeError, ValueError):  # not numbers, or not pairs: said below
        pairs = np.empty(0, np.float32)
    if pairs.shape != (actuators, 2) or not (pairs[:, 0] < pairs[:, 1]).all() or not np.isfinite(pairs).all():
        raise EnvironmentFailedError(
            f"{pack.name}: ACTION_RANGE is {stated}, expected {actuators} pairs (low, high), low below high: "
            "one for each actuator of the model, in its order (with control(): for each entry of the action).",
            "Correct it, or delete it to take the ranges of the model.",
        )
    return ActionRange(pairs[:, 0].copy(), pairs[:, 1].copy())
