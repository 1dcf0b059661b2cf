"""The first signal always ends a run, wherever it arrives."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from pathlib import Path

import pytest

from autoreward.errors import InterruptedRunError
from autoreward.search.signals import stopping_on_signals


def test_a_signal_stops_and_the_handlers_come_back() -> None:
    before = (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGALRM), sys.unraisablehook)
    with pytest.raises(InterruptedRunError, match="SIGTERM"), stopping_on_signals(Path("runs/2026_x_k3f9")):
        signal.raise_signal(signal.SIGTERM)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGALRM), sys.unraisablehook) == before


def test_a_signal_in_a_callback_of_the_collector_is_not_lost() -> None:
    """What such a callback raises is dropped by Python; jax installs one."""

    def callback(phase: str, info: dict[str, int]) -> None:
        gc.callbacks.remove(callback)
        signal.raise_signal(signal.SIGUSR1)

    gc.callbacks.append(callback)
    with pytest.raises(InterruptedRunError, match="SIGUSR1") as stopped, stopping_on_signals(Path("runs/2026_x_k3f9")):
        gc.collect()
        threading.Event().wait(60.0)  # ends with the alarm
    assert "autoreward resume k3f9" in stopped.value.remedy


def test_a_signal_passes_through_what_turns_every_exception_into_its_own(tmp_path: Path) -> None:
    """jinja2 compiles templates like this: a run that was stopped in there ended as a bug."""

    def compiled() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except Exception as error:
            raise ValueError("a syntax error") from error

    with pytest.raises(InterruptedRunError, match="SIGINT"), stopping_on_signals(tmp_path):
        compiled()
