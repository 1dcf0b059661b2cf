"""Where a training stands, as the worker tells the controller after every update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where a training stands; sent after every update."""

    job: str
    env_steps: int  # of all members so far
    total_steps: int
    seconds: float  # since the call
    latest: Mapping[str, Mapping[str, float | None]]  # candidate -> success and progress of its last episodes
    note: str | None = None  # a line for a person that has to stay


OnProgress = Callable[[Progress], None]
