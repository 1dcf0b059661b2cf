"""The lock of a run: one process may append results; who it is stands in the file `run.lock`.

The file names pid, boot, process start and host. A lock whose process is dead is taken over. The kernel's
`flock` guards the look-and-take, so that two processes never take over the same dead lock; it is not the lock
itself, because a forked child would go on holding it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autoreward.errors import RunLockedError, StorageError, UsageError
from autoreward.input_files import kind_of, read_input
from autoreward.ledger.process import ProcessIdentity
from autoreward.ledger.storage import storage_errors

LOCK_NAME = "run.lock"
LOCK_LIMIT = 4096  # [bytes]


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
