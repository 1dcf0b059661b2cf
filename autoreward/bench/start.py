"""`autoreward bench start`: from launching the command to its first update, with a cold and a warm compilation cache.

The real command line is run in an empty folder; its own progress lines on stderr say when the first update has ended.
Cold: a fresh folder for JAX's compiled programs. Warm: the same folder again. Whatever the operating system keeps in
memory of the files on the disk stays there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from autoreward.bench.machine import this_machine
from autoreward.errors import EnvironmentFailedError
from autoreward.process_environment import child_command, worker_environment
from autoreward.views import ProgressEvent, Spread, StartBenchView, StartRow

ARGUMENTS = ("train", "human", "--env", "half_cheetah/forward", "--seeds", "1", "-n", "4096")
FIRST_UPDATE = "training"  # how the first progress line begins, which is sent after the first update
TARGETS: Mapping[str, float] = {"cold": 10.0, "warm": 4.0}  # [s] at most, on two cores


def bench_start(rounds: int, on_event: Callable[[Any], None]) -> StartBenchView:
    """Measure cold and warm starts, one after the other.

    Raises:
        EnvironmentFailedError: the command failed.
    """
    seconds: dict[str, list[float]] = {kind: [] for kind in TARGETS}
    for turn in range(rounds):
        with tempfile.TemporaryDirectory(prefix="autoreward-start-") as folder:
            for kind, taken in seconds.items():
                on_event(ProgressEvent(stage=f"start: round {turn + 1} of {rounds}: {kind}"))
                taken.append(time_start(Path(folder)))
    rows = tuple(_row(kind, taken) for kind, taken in seconds.items())
    return StartBenchView(
        command=f"autoreward {' '.join(ARGUMENTS)}",
        machine=this_machine(),
        rounds=rounds,
        rows=rows,
        passed=all(row.met for row in rows),
    )


def time_start(folder: Path) -> float:
    """Start the command once.

    Args:
        folder: working directory, and home of the compilation cache.

    Returns:
        Seconds until its first update has ended.

    Raises:
        EnvironmentFailedError: it ended before that; the message quotes its last words.
    """
    environment = worker_environment(JAX_COMPILATION_CACHE_DIR=str(folder / "jax"), XDG_CONFIG_HOME=str(folder))
    started = time.monotonic()
    with subprocess.Popen(
        child_command("-m", "autoreward", *ARGUMENTS), cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            seconds, log = _first_update(process.stderr, started)
            code = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if seconds is None or code != 0:
        raise EnvironmentFailedError(f"autoreward {' '.join(ARGUMENTS)} ended with status {code}: {log}")
    return seconds


def _first_update(lines: Iterable[str], started: float) -> tuple[float | None, str]:
    """Seconds from `started` until the first update is reported, and everything that was printed.

    It reads to the end, so that the compiled programs are all on the disk when it returns.
    """
    seconds: float | None = None
    log = []
    for line in lines:
        log.append(line)
        if seconds is None and line.startswith(FIRST_UPDATE):
            seconds = time.monotonic() - started
    return seconds, "".join(log)


def _row(kind: str, taken: list[float]) -> StartRow:
    spread = Spread.of(taken)
    return StartRow(cache=kind, seconds=spread, target=TARGETS[kind], met=spread.median <= TARGETS[kind])
