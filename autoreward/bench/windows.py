"""What is timed, and when: the one clock of everything that runs side by side.

A process starts, imports, compiles and warms up; that is not counted. Then it waits at a gate. At each "go" it works
through one uncounted iteration, so that nothing begins with an empty pipeline or a cold cache, and then through the
window: a fixed number of iterations of its real work, with the clock running from the end of one iteration to the end
of another. Then it waits again. While one works, the others sleep at their gates, reading from a pipe.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Protocol


class Over(Exception):
    """There will be no further window."""


class Gate(Protocol):
    """Where a process waits for its turn."""

    def tell(self, **facts: object) -> None:
        """Say something to whoever started this process."""

    def wait(self) -> bool:
        """Sleep until the next turn; False: there is none."""


class PipeGate:
    """The gate of a child process: JSON lines on stdout, one line on stdin for every turn.

    What libraries print goes to stderr from now on.
    """

    def __init__(self) -> None:
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def tell(self, **facts: object) -> None:
        """See Gate."""
        self._answers.write(json.dumps(facts) + "\n")
        self._answers.flush()

    def wait(self) -> bool:
        """See Gate. The end of the stream is the end of the last turn, also when the parent has died."""
        return sys.stdin.readline() == "go\n"


class OpenGate:
    """A gate that is open for a number of turns and tells nobody: for runs that are recorded, not timed."""

    def __init__(self, turns: int) -> None:
        self._left = turns

    def tell(self, **facts: object) -> None:
        """See Gate."""

    def wait(self) -> bool:
        """See Gate."""
        self._left -= 1
        return self._left >= 0


class Windows:
    """Cuts a stream of iterations into warm-up, uncounted and counted ones.

    Args:
        gate: where to wait before each window.
        length: iterations that a window counts.
    """

    def __init__(self, gate: Gate, length: int) -> None:
        self._gate = gate
        self._length = length
        self._done: int | None = None  # iterations since the gate; None: warming up
        self._started = 0.0

    @property
    def counting(self) -> bool:
        """Whether the clock is running."""
        return self._done is not None and self._done >= 1

    def end_of_iteration(self, warm: bool, **facts: object) -> None:
        """Call it after every iteration.

        Args:
            warm: whether everything has been compiled and has happened once; read while warming up only.
            facts: told at the end of a window, beside its seconds.

        Raises:
            Over: no further window is wanted.
        """
        now = time.perf_counter()
        if self._done is None:
            if warm:
                self._gate.tell(ready=True)
                self._pass_gate()
            return
        self._done += 1
        if self._done == self._length + 1:
            self._gate.tell(seconds=now - self._started, **facts)
            self._pass_gate()
        elif self._done == 1:
            self._started = time.perf_counter()

    def _pass_gate(self) -> None:
        if not self._gate.wait():
            raise Over
        self._done = 0
