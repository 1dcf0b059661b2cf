"""Whether an environment of somebody else's keeps what it makes: looked at now and then, before the machine is full."""

from __future__ import annotations

import time
from contextlib import suppress

import psutil

from autoreward.errors import EnvironmentFailedError

EVERY = 0.2  # [s] between two looks
GROWN = 1 << 30  # bytes that the processes of a training may come to hold in it and nothing is said
LEFT = 0.1  # of the machine's memory, below which a training that holds that much more ends: the system would kill it


class MemoryWatch:
    """What this process and those below it hold in memory, beside what they held at first."""

    def __init__(self) -> None:
        self._next = 0.0
        self._first = _held()
        self.grown = 0  # bytes

    def look(self, env: str, steps: int) -> None:
        """Measure, if the last time is long enough ago.

        Args:
            env: the environment's name.
            steps: environment steps until now.

        Raises:
            EnvironmentFailedError: the memory of the machine is nearly used up, and much of it went here.
        """
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        self.grown = _held() - self._first
        memory = psutil.virtual_memory()
        if self.grown > GROWN and memory.available < LEFT * memory.total:
            raise EnvironmentFailedError(
                f"{env}: the memory of this machine is nearly used up, and its processes came to hold "
                f"{self.grown / 1e9:.1f} GB more in {steps:,} steps.",
                "It seems to keep what it makes in step() or reset(): mend that, or train for fewer steps.",
            )

    def remark(self, env: str, steps: int) -> str | None:
        """What a person should know, where much was kept."""
        if self.grown <= GROWN:
            return None
        grown = f"came to hold {self.grown / 1e9:.1f} GB more in {steps:,} steps"
        return f"The processes of {env} {grown}: it seems to keep what it makes in step() or reset()."


def _held() -> int:
    process = psutil.Process()
    held = int(process.memory_info().rss)
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has ended since it was listed
            held += int(child.memory_info().rss)
    return held
