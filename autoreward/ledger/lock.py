"""The lock of a run: one process may append results; who it is stands in the file `run.lock`.

The file names pid, boot, process start and host. A lock whose process is dead is taken over. The kernel's
`flock` guards the look-and-take, so that two processes never take over the same dead lock; it is not the lock
itself, because a forked child would go on holding it.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from autoreward.errors import RunLockedError, StorageError, UsageError
from autoreward.input_files import kind_of, read_input
from autoreward.ledger.storage import storage_errors

LOCK_NAME = "run.lock"
LOCK_LIMIT = 4096  # [bytes]
_GONE = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)  # a zombie holds nothing any more


@dataclass(frozen=True)
class ProcessIdentity:
    """One process of one boot of one machine: numbers are used again, after a reboot and on other machines too."""

    pid: int
    boot: str
    started: str  # [clock ticks] from boot to its start
    host: str

    @classmethod
    def mine(cls) -> ProcessIdentity:
        """The identity of the process that asks."""
        return cls(os.getpid(), _boot_id(), _start_time(os.getpid()) or "", platform.node())

    @classmethod
    def from_data(cls, data: Any) -> ProcessIdentity:
        """The identity of `as_data`.

        Raises:
            KeyError, TypeError, ValueError: it is not one.
        """
        return cls(int(data["pid"]), str(data["boot"]), str(data["started"]), str(data["host"]))

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    def is_elsewhere(self) -> bool:
        """Whether it belongs to another machine or container, where its life cannot be seen from here."""
        return self.host != platform.node()

    def is_alive(self) -> bool:
        """Whether this very process still runs here: same boot, same number, same start."""
        try:
            return self.boot == _boot_id() and _start_time(self.pid) == self.started
        except psutil.AccessDenied:
            return True  # one of that number runs, and the system does not say since when


def _boot_id() -> str:
    """The kernel's name for this boot: unlike the time of boot, it stays when the clock of the machine is set."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else ""


def _start_time(pid: int) -> str | None:
    """When a process started, counted from boot as Linux does; None where none of that number runs.

    The calendar time that psutil gives moves when the clock of the machine is set, and with it the time of boot.
    """
    try:
        process = psutil.Process(pid)
        since_boot = process.create_time() - psutil.boot_time()  # [s]
        gone = process.status() in _GONE
    except (psutil.NoSuchProcess, ValueError):  # ValueError: a number that no process has
        return None
    return None if gone else str(round(since_boot * os.sysconf("SC_CLK_TCK")))


class RunLock:
    """The right to append results to one run, held from construction to `release`.

    Raises:
        RunLockedError: another live process holds it, or one on another machine that cannot be seen from here.
        StorageError: the lock file cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_NAME
        self._mine = ProcessIdentity.mine()
        with storage_errors(self._path), _guarded(self._path) as descriptor:
            holder = _holder(descriptor)
            if holder is not None and (holder.is_elsewhere() or holder.is_alive()):
                raise _locked(self._path, holder)
            _write(descriptor, json.dumps(self._mine.as_data()) + "\n")

    def release(self) -> None:
        """Gives the lock back; a lock that was taken away by hand is left alone."""
        if not self._path.exists():
            return
        with storage_errors(self._path), _guarded(self._path) as descriptor:
            if _holder(descriptor) == self._mine:
                _write(descriptor, "")


def lock_holder(directory: Path) -> ProcessIdentity | None:
    """Who holds the lock of a run, alive or not known to be dead; None where it is free."""
    try:
        content = read_input(directory / LOCK_NAME, LOCK_LIMIT, follow=False)
    except UsageError:
        return None
    holder = _parse(content)
    return holder if holder is not None and (holder.is_elsewhere() or holder.is_alive()) else None


def _locked(path: Path, holder: ProcessIdentity) -> RunLockedError:
    if holder.is_elsewhere():
        return RunLockedError(
            f"Run {path.parent.name} is held by process {holder.pid} on {holder.host}, another machine or container.",
            f"Wait until it has ended. If it no longer runs there, delete {path} and try again.",
        )
    return RunLockedError(
        f"Run {path.parent.name} is held by process {holder.pid}.",
        f"Wait until it has ended, or stop it with `kill {holder.pid}`; notes can be added meanwhile.",
    )


@contextmanager
def _guarded(path: Path) -> Iterator[int]:
    # A link would have the lock written over the file that it names, and a pipe would be waited for.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    try:
        if kind := kind_of(os.fstat(descriptor).st_mode):
            raise StorageError(f"{path} is {kind}, expected a file.", "Delete it and try again.")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)  # and with it the flock


def _holder(descriptor: int) -> ProcessIdentity | None:
    return _parse(os.pread(descriptor, LOCK_LIMIT, 0))


def _parse(content: bytes) -> ProcessIdentity | None:
    try:
        return ProcessIdentity.from_data(json.loads(content))
    except (ValueError, KeyError, TypeError):
        return None  # empty: free. A part of a line: its writer was killed while it held the guard


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
    os.fsync(descriptor)
