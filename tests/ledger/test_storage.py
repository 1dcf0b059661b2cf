"""What the disk refuses is one kind of error, with its cure."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from autoreward.errors import StorageError
from autoreward.ledger.storage import storage_errors


@pytest.mark.parametrize(
    ("code", "cure"),
    [
        (errno.ENOSPC, "Free some space on this disk."),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "mounted read-only"),
        (errno.EACCES, "Allow writing there"),
        (errno.ELOOP, "A link stands"),
        (errno.EIO, "Check the disk."),
    ],
)
def test_what_the_system_says(code: int, cure: str) -> None:
    with pytest.raises(StorageError) as error, storage_errors(Path("run.db")):
        raise OSError(code, os.strerror(code))
    assert error.value.message == f"Cannot write run.db: {os.strerror(code)}."
    assert cure in str(error.value.remedy)


def test_the_file_that_the_system_names() -> None:
    with pytest.raises(StorageError, match="Cannot write other"), storage_errors(Path("run.db")):
        raise OSError(errno.EACCES, "no", "other")


@pytest.mark.parametrize(
    ("code", "cure"),
    [
        (sqlite3.SQLITE_BUSY, "Another process"),
        (sqlite3.SQLITE_CORRUPT, ".recover"),
        (sqlite3.SQLITE_NOTADB, ".recover"),
        (sqlite3.SQLITE_FULL, "Free some space"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "Allow writing"),  # an extended code of SQLITE_READONLY
        (0, "Check the disk."),
    ],
)
def test_what_sqlite_says(code: int, cure: str) -> None:
    told = sqlite3.OperationalError("it cannot")
    told.sqlite_errorcode = code
    with pytest.raises(StorageError, match=r"Cannot use run\.db: it cannot") as error, storage_errors(Path("run.db")):
        raise told
    assert cure in str(error.value.remedy)


@pytest.mark.parametrize("bug", [sqlite3.IntegrityError("ours"), sqlite3.ProgrammingError("ours"), KeyError("ours")])
def test_a_bug_of_ours_is_no_fault_of_the_disk(bug: Exception) -> None:
    with pytest.raises(type(bug)), storage_errors(Path("run.db")):
        raise bug


@pytest.mark.parametrize("name", ["runs/.new-ab12", "runs/.new-ab12/task.yaml", "runs/.task.yaml.ab12.tmp"])
def test_no_name_for_the_time_being_is_told(name: str) -> None:
    with pytest.raises(StorageError) as caught, storage_errors(Path("runs")):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
    assert caught.value.message == "Cannot write runs: Permission denied."
