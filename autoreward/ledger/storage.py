"""What the disk can refuse, said as one kind of error with its cure."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autoreward.errors import StorageError

TEMPORARY = ".tmp"  # ends the name under which a file is written before it is renamed; nobody is told of it
_RESUME = "What was saved before is intact; then continue with `autoreward resume`."
_CURES = {
    errno.ENOSPC: f"Free some space on this disk. {_RESUME}",
    errno.EDQUOT: f"Free some of your quota on this disk. {_RESUME}",
    errno.EFBIG: f"Raise the limit on file sizes (`ulimit -f`). {_RESUME}",
    errno.EROFS: "The file system is mounted read-only; choose another place with `--set runs=DIR`.",
    errno.EACCES: "Allow writing there, or choose another place with `--set runs=DIR`.",
    errno.EPERM: "Allow writing there, or choose another place with `--set runs=DIR`.",
    errno.ENOTDIR: "A file stands where a folder is needed; choose another place with `--set runs=DIR`.",
    errno.EEXIST: "A file stands where a folder is needed; choose another place with `--set runs=DIR`.",
    errno.ELOOP: "A link stands where a file of the run is needed; delete it.",
    errno.ENOENT: "The folder was moved or deleted while it was in use; put it back.",
}
_OTHER = f"Check the disk. {_RESUME}"

# SQLite's primary result codes, as the error that the operating system would have named.
_SQLITE = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
}
_BUSY = "Another process keeps the file busy; try again when it has finished."
_CORRUPT = "The file is damaged or no run at all. `sqlite3 run.db .recover` gets the events out that can be read."


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns what the operating system or SQLite says about a write into a StorageError with its cure.

    Raises:
        StorageError: disk full, quota, read-only, no permission, file too large, damaged database, ...
    """
    try:
        yield
    except OSError as error:
        where = path if _is_hidden(str(error.filename or path), path) else error.filename or path
        cure = _CURES.get(error.errno or 0, _OTHER)
        raise StorageError(f"Cannot write {where}: {error.strerror or error}.", cure) from error
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a bug of ours, not of the disk
    except sqlite3.DatabaseError as error:
        raise StorageError(f"Cannot use {path}: {error}.", _sqlite_cure(error)) from error


def _is_hidden(failed: str, path: Path) -> bool:
    """Whether this is a name for the time being, of a file or a folder that is made below another one."""
    below = Path(failed).parts[len(path.parts) :] if Path(failed).is_relative_to(path) else ()
    return failed.endswith(TEMPORARY) or (bool(below) and below[0].startswith("."))


def _sqlite_cure(error: sqlite3.DatabaseError) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code is the low byte of an extended one
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _BUSY
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _CORRUPT
    return _CURES.get(_SQLITE.get(code, 0), _OTHER)
