"""The events of a run: an append-only table in SQLite, where what was acknowledged is on the disk."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from os import W_OK, access
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from autoreward.errors import StorageError
from autoreward.ledger.filesystem import is_on_network
from autoreward.ledger.storage import storage_errors

R = TypeVar("R", bound=BaseModel)

DATABASE_NAME = "run.db"
EVENT_LIMIT = 64 << 20  # [bytes] of one event; a run of somebody else may hold any
BUSY_TIMEOUT = 60.0  # [s] to wait for another process that appends a note
SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT NOT NULL,
    key     TEXT NOT NULL,
    created TEXT NOT NULL,
    data    TEXT NOT NULL CHECK (json_valid(data))
) STRICT;
CREATE INDEX IF NOT EXISTS events_kind_key ON events (kind, key, id);
CREATE TRIGGER IF NOT EXISTS events_never_change BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_never_vanish BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
"""
_CHANGED = "The run was changed, or made by another version; start a new one."
_COLUMNS = "id, kind, key, created, data"  # as the fields of Event


class Event(NamedTuple):
    """One line of the run's history."""

    id: int  # in the order of appending, from 1
    kind: str
    key: str
    created: str  # UTC, ISO 8601
    text: str  # its data, as JSON

    @property
    def data(self) -> Any:
        """What the JSON says.

        Raises:
            StorageError: it is none.
        """
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise StorageError(
                f"Event {self.id} of the run ({self.kind} {self.key}) is no JSON: {error}.", _CHANGED
            ) from error

    def record(self, model: type[R]) -> R:
        """The record that was appended, equal to what it was; bytes come back from base64."""
        try:
            return model.model_validate_json(self.text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise StorageError(
                f"Event {self.id} of the run ({self.kind} {self.key}) is not as it was written: "
                f"{'.'.join(map(str, first['loc']))}: {first['msg']}.",
                _CHANGED,
            ) from error


class EventLog:
    """The events of one run folder; several threads may use one log, several processes one file."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / DATABASE_NAME
        self._lock = threading.RLock()
        with storage_errors(self._path):
            self._connection = _connect(self._path)

    def append(self, kind: str, key: str, data: str) -> Event:
        """Appends one event, given as JSON; it is on the disk when this returns.

        Raises:
            StorageError: the disk refused; the events before are intact.
        """
        with self._transaction():
            return self._insert(kind, key, data)

    def append_once(self, kind: str, key: str, data: str) -> Event:
        """Appends the event unless there is one of this kind and key; returns the one that is stored."""
        with self._transaction():
            return self.first(kind, key) or self._insert(kind, key, data)

    def append_numbered(self, kind: str, key: str, make: Callable[[int], str]) -> Event:
        """Appends what `make` writes for the next number of this kind, counted from 1 across all processes."""
        with self._transaction():
            (count,) = self._connection.execute("SELECT count(*) FROM events WHERE kind = ?", (kind,)).fetchone()
            return self._insert(kind, key, make(count + 1))

    def first(self, kind: str, key: str) -> Event | None:
        """The oldest event of a kind and key, or None."""
        rows = self._select("WHERE kind = ? AND key = ? ORDER BY id LIMIT 1", (kind, key))
        return rows[0] if rows else None

    def last(self, kind: str, key: str) -> Event | None:
        """The newest event of a kind and key, or None."""
        rows = self._select("WHERE kind = ? AND key = ? ORDER BY id DESC LIMIT 1", (kind, key))
        return rows[0] if rows else None

    def newest(self, without: tuple[str, ...] = ()) -> Event | None:
        """The newest event, of all or of those that are not of some kinds; None where there is none."""
        rows = self._select(f"WHERE kind NOT IN ({', '.join('?' * len(without))}) ORDER BY id DESC LIMIT 1", without)
        return rows[0] if rows else None

    def events(self, kind: str | None, after: int) -> list[Event]:
        """All events, or those of one kind, oldest first, with ids greater than `after`."""
        if kind is None:
            return self._select("WHERE id > ? ORDER BY id", (after,))
        return self._select("WHERE kind = ? AND id > ? ORDER BY id", (kind, after))

    def close(self) -> None:
        """Closes the database; the last user of a WAL folds it into `run.db`."""
        with self._lock, storage_errors(self._path):
            self._connection.close()

    def _select(self, clause: str, values: tuple[str | int, ...]) -> list[Event]:
        with self._lock, storage_errors(self._path):
            rows = self._connection.execute(f"SELECT {_COLUMNS} FROM events {clause}", values).fetchall()
        if not all(isinstance(text, str) for row in rows for text in row[1:]):
            raise StorageError(f"{self._path} holds events that are no text.", _CHANGED)
        return [Event(*row) for row in rows]

    def _insert(self, kind: str, key: str, data: str) -> Event:
        created = datetime.now(UTC).isoformat(timespec="milliseconds")
        statement = "INSERT INTO events (kind, key, created, data) VALUES (?, ?, ?, ?) RETURNING id"
        (number,) = self._connection.execute(statement, (kind, key, created, data)).fetchone()
        return Event(number, kind, key, created, data)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, storage_errors(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # on a full disk SQLite has rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise


def create_database(directory: Path) -> None:
    """Makes the empty database of a new run: WAL on a local disk, DELETE journal on a network file system."""
    path = directory / DATABASE_NAME
    with storage_errors(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            _set_journal(connection, directory)
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        finally:
            connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    """A connection that can write where the folder can be written, and one that only reads elsewhere.

    Raises:
        StorageError: the database defines what no run does.
    """
    writable = access(path.parent, W_OK) and access(path, W_OK)
    # A WAL database in a read-only folder can be read only as immutable: it wants to make its -shm file.
    mode = "rw" if writable else "ro" if path.with_name(f"{path.name}-wal").exists() else "ro&immutable=1"
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,  # transactions are written out, where they begin and where they end
        check_same_thread=False,  # guarded by the lock of the EventLog
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, EVENT_LIMIT)
    try:
        if writable:
            _set_journal(connection, path.parent)
            connection.execute("PRAGMA synchronous = FULL")
        _refuse_foreign(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that defines anything else than ours do: a view or a trigger is a program of its own.

    Raises:
        StorageError: it does.
    """
    with closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(SCHEMA)
        expected = _definitions(ours)
    there = _definitions(connection)
    for name in sorted(there):
        if there[name] != expected.get(name):
            raise StorageError(f"{path} defines {name!r} as no run does.", _CHANGED)


def _definitions(connection: sqlite3.Connection) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    return dict(connection.execute(query).fetchall())


def _set_journal(connection: sqlite3.Connection, directory: Path) -> None:
    wanted = "delete" if is_on_network(directory) else "wal"
    (current,) = connection.execute("PRAGMA journal_mode").fetchone()
    if current != wanted:  # a run that was copied between file systems, or a new one
        connection.execute(f"PRAGMA journal_mode = {wanted}")
