"""Ctrl-C, SIGTERM and SLURM's SIGUSR1: the first ends the run cleanly, the second kills everything it started.

A signal arrives anywhere, also inside a library that turns every `Exception` into one of its own. So it is raised as
`SignalReceived`, which is none, and becomes the error that people are told where nothing of a library is in between.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from autoreward.errors import InterruptedRunError
from autoreward.views.next_commands import run_name

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
AGAIN = 0.01  # [s]


class SignalReceived(BaseException):
    """A signal that ends the run; `error` is what people are told."""

    def __init__(self, error: InterruptedRunError) -> None:
        super().__init__(error)
        self.error = error


@contextmanager
def signals_as_errors() -> Iterator[None]:
    """Within this, a signal that was received becomes its InterruptedRunError."""
    try:
        yield
    except SignalReceived as received:
        raise received.error from None


@contextmanager
def stopping_on_signals(folder: Path) -> Iterator[None]:
    """Within this, the first signal raises InterruptedRunError in the main thread; a second ends the process at once.

    Args:
        folder: of the run.

    Outside the main thread signals cannot be caught, and nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen: list[int] = []
    name = run_name(folder)

    def stop(number: int, frame: FrameType | None) -> None:
        """The first signal raises where the program stands; a further one ends everything."""
        if seen and number != signal.SIGALRM:
            _kill_children()
            os.write(2, f"\nLeft at once. What is stored stays: autoreward resume {name}\n".encode())
            os._exit(InterruptedRunError.exit_code)
        seen.append(number)
        number = seen[0]
        raise SignalReceived(
            InterruptedRunError(
                f"Stopped by {signal.Signals(number).name}; everything paid for is saved.",
                f"Go on with: autoreward resume {name}",
            )
        )

    before = {number: signal.signal(number, stop) for number in (*SIGNALS, signal.SIGALRM)}
    try:
        with signals_as_errors(), _raising_again():
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _raising_again() -> Iterator[None]:
    """Python drops what is raised in finalizers and in callbacks of its collector: then an alarm raises it again."""
    others = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, SignalReceived):
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        else:
            others(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.unraisablehook = others


def _kill_children() -> None:
    """End the process group of every direct child; each child of ours leads a group of its own."""
    for child in psutil.Process().children():
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            child.kill()  # not a leader of a group
