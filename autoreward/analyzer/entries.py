"""The numbers of a recorded trajectory, entry by entry: `torso_velocity.x [m/s]` over its steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Num
from numpy.typing import NDArray

from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.records import EnvSpec, FieldSpec

# Framework fields that repeat what others say, or say nothing about the robot.
FEET = frozenset({"foot", "feet", "toe", "ankle"})
LEFT_OUT = frozenset({"observation", "time", "last_action", "terminated"})


@dataclass(frozen=True)
class Entry:
    """One number of one field over a trajectory."""

    field: FieldSpec
    name: str  # "torso_velocity.x"
    series: Num[np.ndarray, "*L"]

    @property
    def column(self) -> str:
        """Its name with the unit."""
        return f"{self.name} [{self.field.unit}]"

    @property
    def scale(self) -> float:
        """The range that random motion covers; where that is unknown, the largest absolute value."""
        low, high = self.field.low, self.field.high
        span = None if low is None or high is None else high - low
        return span if span else max(1e-9, float(np.max(np.abs(self.series))))


def entries_of(recordings: CandidateRecordings, seed: int, label: str, env: EnvSpec) -> list[Entry]:
    """Every entry of every field of the best or worst trajectory of a member, as declared."""
    trajectory = recordings.trajectory(seed, label)
    fields = {} if trajectory is None else trajectory.fields
    return [entry for field in env.fields for entry in split_entries(field, fields.get(field.name))]


def split_entries(field: FieldSpec, array: NDArray[Any] | None, axes: int = 1) -> list[Entry]:
    """The entries of one field; none of a field that repeats others, or was not recorded.

    Args:
        array: `[L, *shape]`, or with more axes before the shape.
        axes: how many.
    """
    if field.name in LEFT_OUT or array is None or not array.size:
        return []
    flat = array.reshape(*array.shape[:axes], -1)
    return [Entry(field, name, flat[..., index]) for index, name in enumerate(_names(field, flat.shape[-1]))]


def is_of_foot(entry: Entry) -> bool:
    """Whether it tells of a foot."""
    return bool(FEET & set(entry.field.name.split("_")))


def _names(field: FieldSpec, size: int) -> Iterator[str]:
    named = len(field.components) == size and len(field.shape) == 1
    for index in range(size):
        yield field.name + ("" if not field.shape else f".{field.components[index]}" if named else f"[{index}]")
