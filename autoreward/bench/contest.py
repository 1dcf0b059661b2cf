"""Processes that are measured side by side: started together, then one after the other has its turn, round by round."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

from autoreward.errors import EnvironmentFailedError
from autoreward.process_environment import child_command, worker_environment
from autoreward.views import Spread

ERROR_TAIL = 2_000  # characters of a dead process's output that an error quotes
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Entry:
    """One of those that are measured.

    Attributes:
        commands: arguments to Python of each of its processes; they work at the same time.
        env_steps: environment steps of each process in a window.
    """

    name: str
    commands: Sequence[Sequence[str]]
    env_steps: int
    one_thread: bool = False


@dataclass(frozen=True)
class Measured:
    """What one entry did."""

    rates: tuple[float, ...]  # [steps/s] of each round
    peak_memory: int  # [bytes]
    shares: Mapping[str, float] | None  # of the last window of a profiled process

    @property
    def rate(self) -> Spread:
        """Over the rounds."""
        return Spread.of(list(self.rates))


def measure(entries: Sequence[Entry], rounds: int, on_turn: Callable[[str], None]) -> dict[str, Measured]:
    """Measure all entries, interleaved.

    Args:
        entries: all of them warm up before the first turn.
        rounds: turns of each.
        on_turn: told who has its turn, in words.

    Raises:
        EnvironmentFailedError: a process ended; the message quotes its last words.
    """
    rates: dict[str, list[float]] = {entry.name: [] for entry in entries}
    memory = dict.fromkeys(rates, 0)
    shares: dict[str, Mapping[str, float] | None] = dict.fromkeys(rates)
    with ExitStack() as stack:
        on_turn("starting and compiling")
        started = {
            entry.name: [
                stack.enter_context(_Process(entry.name, command, entry.one_thread)) for command in entry.commands
            ]
            for entry in entries
        }
        for process in (process for processes in started.values() for process in processes):
            process.answer()  # ready
        for turn in range(rounds):
            for entry in entries:
                on_turn(f"round {turn + 1} of {rounds}: {entry.name}")
                answers = _turn(started[entry.name])
                rates[entry.name].append(sum(entry.env_steps / answer["seconds"] for answer in answers))
                memory[entry.name] = sum(answer["peak_memory"] for answer in answers)
                shares[entry.name] = answers[0].get("shares")
    return {name: Measured(tuple(rates[name]), memory[name], shares[name]) for name in rates}


def _turn(processes: Sequence[_Process]) -> list[dict[str, Any]]:
    """One window of all processes at once."""
    for process in processes:
        process.go()
    return [process.answer() for process in processes]


class _Process:
    """One process behind its gate; its whole group ends with the context."""

    def __init__(self, name: str, command: Sequence[str], one_thread: bool) -> None:
        self._name = name
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            child_command(*command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=worker_environment() | (ONE_THREAD if one_thread else {}),
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._log.close()

    def go(self) -> None:
        """Open the gate once."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._dead() from error

    def answer(self) -> dict[str, Any]:
        """Wait for the next line.

        Raises:
            EnvironmentFailedError: there is none.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._dead()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _dead(self) -> EnvironmentFailedError:
        code = self._process.wait()
        self._log.seek(0)
        words = self._log.read().decode(errors="replace").strip()[-ERROR_TAIL:]
        return EnvironmentFailedError(f"The measured process {self._name!r} ended with status {code}: {words}")


def run_once(name: str, command: Sequence[str]) -> None:
    """Run a process that is not timed to its end.

    Raises:
        EnvironmentFailedError: it failed; the message quotes its last words.
    """
    done = subprocess.run(child_command(*command), env=worker_environment(), capture_output=True, text=True)
    if done.returncode != 0:
        raise EnvironmentFailedError(f"{name} failed with status {done.returncode}: {done.stderr[-ERROR_TAIL:]}")
