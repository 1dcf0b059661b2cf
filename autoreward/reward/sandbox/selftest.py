"""The self-test in a child: tries what the layers must stop. What went through is a gap.

Each attempt names the layers of which any one must stop it. The parent asks for one layer at a time, then for all
(`isolation.py`), so that a missing layer is noticed even where another one covers for it.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoreward.reward.sandbox import kernel
from autoreward.reward.sandbox.limits import LANDLOCK, LIMITS, PRIVILEGES, SECCOMP, enter, lock_down, unlimited

REFUSALS = frozenset({errno.EPERM, errno.EACCES, errno.EMFILE})  # how layers refuse; any other error proves nothing
READABLE, CHANGEABLE = "readable", "changeable"  # files that the parent puts into the scratch folder


@dataclass(frozen=True)
class Job:
    """What the parent tells the child to try its attempts on."""

    scratch: Path  # an empty folder but for READABLE and CHANGEABLE
    processes: tuple[int, ...]  # the controller and the fork server


@dataclass(frozen=True)
class Attempt:
    """Something that a layer must stop. `run` says what went through, or None; a refusal raises OSError."""

    does: str
    stopped_by: frozenset[str]
    run: Callable[[Job], str | None]


def self_test(job: Mapping[str, Any]) -> dict[str, Any]:
    """Set the layers a job names, then try everything they must stop.

    Returns:
        `gaps`: what went through, in words; `error`: why a layer could not be set, else None.
    """
    layers = frozenset(job["layers"])
    asked = Job(Path(job["scratch"]), tuple(job["processes"]))
    try:
        enter(layers)
        older = _OlderThread(lambda: _write(asked, "thread"))
        lock_down(float(job["deadline"]), layers)
    except kernel.LayerError as error:
        return {"gaps": [], "error": str(error)}
    gaps = [gap for attempt in ATTEMPTS if attempt.stopped_by & layers and (gap := _tried(attempt, asked))]
    if layers & {LANDLOCK, SECCOMP} and (gap := _outcome("write a file from an older thread", older.finish)):
        gaps.append(gap)
    return {"gaps": gaps, "error": None}


class _OlderThread:
    """A thread from before the lock-down, like those of XLA: what it may still do."""

    def __init__(self, action: Callable[[], str | None]) -> None:
        self._go = threading.Event()
        self._result: Future[str | None] = Future()
        self._action = action
        threading.Thread(target=self._wait, daemon=True).start()

    def finish(self) -> str | None:
        """Let it act; what it got through, or the OSError it met."""
        self._go.set()
        return self._result.result()

    def _wait(self) -> None:
        self._go.wait()
        try:
            self._result.set_result(self._action())
        except OSError as error:
            self._result.set_exception(error)


def _tried(attempt: Attempt, job: Job) -> str | None:
    return _outcome(attempt.does, lambda: attempt.run(job))


def _outcome(does: str, action: Callable[[], str | None]) -> str | None:
    """What went through, in words; None where it was refused."""
    try:
        through = action()
    except OSError as error:
        return None if error.errno in REFUSALS else f"{does}: {error.strerror}, which is no refusal"
    return f"{does}{f': {through}' if through else ''}" if through is not None else None


def _write(job: Job, name: str = "written") -> str:
    os.close(os.open(job.scratch / name, os.O_CREAT | os.O_WRONLY))
    return ""


def _make_folder(job: Job) -> str:
    (job.scratch / "folder").mkdir()
    return ""


def _change_mode(job: Job) -> str:
    (job.scratch / CHANGEABLE).chmod(0o777)
    return ""


def _read(job: Job) -> str:
    os.close(os.open(job.scratch / READABLE, os.O_RDONLY))
    return ""


def _read_environment(job: Job) -> str | None:
    """Of the controller, which holds the key, and of the fork server."""
    for process in job.processes:
        try:
            os.close(os.open(f"/proc/{process}/environ", os.O_RDONLY))
        except OSError as error:
            if error.errno not in REFUSALS:
                raise
        else:
            return f"process {process}"
    return None


def _open_socket(family: int, kind: int) -> Callable[[Job], str]:
    def run(_: Job) -> str:
        socket.socket(family, kind).close()
        return ""

    return run


def _execute(_: Job) -> str | None:
    try:
        os.execve("/autoreward-no-such-program", ["none"], {})
    except FileNotFoundError:
        return ""  # the kernel went to look for it


def _fork(_: Job) -> str:
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return ""


def _leave_group(_: Job) -> str:
    os.setpgid(0, os.getpgid(os.getppid()))
    return ""


def _signal(job: Job) -> str:
    for process in job.processes:
        os.kill(process, 0)
    return ""


def _keep_resources(_: Job) -> str | None:
    return ", ".join(unlimited()) or None


def _keep_privileges(_: Job) -> str | None:
    return kernel.privileges()


_FILES, _CALLS = frozenset({LANDLOCK, SECCOMP}), frozenset({SECCOMP})
ATTEMPTS = (
    Attempt("write a file", _FILES, _write),
    Attempt("make a folder", _FILES, _make_folder),
    Attempt("read a file", _FILES, _read),
    Attempt("read the environment of another process", _FILES, _read_environment),
    Attempt("change the mode of a file", _CALLS, _change_mode),
    Attempt("open a TCP socket", _CALLS, _open_socket(socket.AF_INET, socket.SOCK_STREAM)),
    Attempt("open a UDP socket", _CALLS, _open_socket(socket.AF_INET, socket.SOCK_DGRAM)),
    Attempt("open a UNIX socket", _CALLS, _open_socket(socket.AF_UNIX, socket.SOCK_STREAM)),
    Attempt("execute a program", _CALLS, _execute),
    Attempt("fork", _CALLS, _fork),
    Attempt("leave its process group", _CALLS, _leave_group),
    Attempt("signal another process", _CALLS, _signal),
    Attempt("use unlimited resources", frozenset({LIMITS}), _keep_resources),
    Attempt("keep privileges", frozenset({PRIVILEGES}), _keep_privileges),
)
