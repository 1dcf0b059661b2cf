"""One run folder: its events, its files, its lock. The layout is in README.md beside this file."""

from __future__ import annotations

import io
import json
import re
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from autoreward.config import Settings
from autoreward.errors import StorageError, UsageError
from autoreward.input_files import TEXT_LIMIT, parse_yaml, read_input
from autoreward.ledger.arrays import read_arrays
from autoreward.ledger.events import DATABASE_NAME, Event, EventLog, create_database
from autoreward.ledger.files import (
    make_directory,
    refuse_link,
    refuse_links,
    remove_leftovers,
    sync_directory,
    write_atomic,
)
from autoreward.ledger.find import TASK_NAME, is_run, new_id, refuse_odd_run
from autoreward.ledger.lock import RunLock
from autoreward.ledger.storage import storage_errors
from autoreward.records import MetricSpec, Note, TaskSpec

R = TypeVar("R", bound=BaseModel)

SETTINGS_NAME = "settings.yaml"
VERSIONS_NAME = "versions.json"
NOTE = "note"
METRIC_CHOSEN = "metric_chosen"  # "", "v1" -> MetricSpec: the newest one is what the run measures
FILE_LIMIT = 1 << 30  # [bytes] of one file of a run
DATABASE_LIMIT = 2 << 30  # [bytes]
_VERSION = re.compile(r"v[1-9][0-9]{0,3}")
PREFERENCE = "preference"  # "anna/g01c02-g01c03/0" -> Preference: the one answer to this question
PREFERENCE_WITHDRAWN = "preference_withdrawn"  # the same -> Withdrawal
PROPOSAL = "proposal"  # rater -> Proposal: a candidate that a person wants tried in the next generation
METRIC_ACCEPTED = "metric_accepted"  # "anna", "v1/anna" -> MetricAnswer: a rater says that it measures what is meant
# Events that anyone may append, without the lock.
PERSON_KINDS = frozenset({NOTE, PREFERENCE, PREFERENCE_WITHDRAWN, PROPOSAL, METRIC_ACCEPTED})


class Run:
    """One run folder. Made with `create` or `open`; a context manager that closes it.

    Events are appended and never changed. A search is written as a function that starts from the beginning and
    asks `once` for every expensive result: resuming is calling it again.
    """

    def __init__(self, path: Path, log: EventLog, lock: RunLock | None) -> None:
        self.path = path
        self.id = path.resolve().name
        self._log = log
        self._lock = lock

    @classmethod
    def create(cls, runs_dir: Path, task: TaskSpec, settings: Settings, versions: Mapping[str, Any]) -> Self:
        """Makes a new run folder and opens it for writing.

        The folder gets its name when it is complete, so that a kill never leaves half a run behind.

        Raises:
            StorageError: the place cannot be written.
        """
        draft = runs_dir / f".new-{secrets.token_hex(6)}"
        try:
            with storage_errors(runs_dir):
                make_directory(draft)
                write_atomic(draft / TASK_NAME, _to_yaml(task))
                write_atomic(draft / SETTINGS_NAME, _to_yaml(settings))
                write_atomic(draft / VERSIONS_NAME, json.dumps(dict(versions), indent=2) + "\n")
                create_database(draft)
                path = runs_dir / new_id(runs_dir, task)
                draft.rename(path)
                sync_directory(runs_dir)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return cls.open(path, write=True)

    @classmethod
    def open(cls, path: Path, write: bool) -> Self:
        """Opens a run folder: for one writer at a time, or to read and to add a person's events.

        Raises:
            UsageError: the folder is not a run.
            RunLockedError: `write`, and another process holds the run.
            StorageError: the database cannot be used.
        """
        if not is_run(path):
            raise UsageError(f"{path} is not a run.", "`autoreward list` names the runs there are.")
        refuse_odd_run(path)
        refuse_links(path)
        _refuse_size(path / DATABASE_NAME, DATABASE_LIMIT)
        lock = RunLock(path) if write else None
        try:
            if lock is not None:
                remove_leftovers(path)
            return cls(path, EventLog(path), lock)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    # --- What the run is about ---

    @property
    def task(self) -> TaskSpec:
        """The task, as it was given; its metric is the one that was agreed on since, where one was."""
        task = _from_yaml(self.path / TASK_NAME, TaskSpec)
        chosen = self._log.events(METRIC_CHOSEN, 0)
        return task.model_copy(update={"metric": chosen[-1].record(MetricSpec)}) if chosen else task

    @property
    def metric_version(self) -> int:
        """Which revision of the metric the run is measured by: 0 before the first."""
        chosen = self._log.events(METRIC_CHOSEN, 0)
        key = chosen[-1].key if chosen else ""
        return int(key.removeprefix("v")) if _VERSION.fullmatch(key) else 0

    def measured_key(self, key: str) -> str:
        """The key of an event that holds under the present version of the metric alone: "g02", "v1/g02"."""
        return f"{version_prefix(self.metric_version)}{key}"

    @property
    def settings(self) -> Settings:
        """The settings the run was started with."""
        return _from_yaml(self.path / SETTINGS_NAME, Settings)

    @property
    def versions(self) -> dict[str, Any]:
        """The versions the run was started with."""
        try:
            versions = json.loads(_read(self.path / VERSIONS_NAME, TEXT_LIMIT))
        except ValueError as error:
            raise StorageError(f"Cannot read {self.path / VERSIONS_NAME}: {error}", "Restore it.") from error
        return versions if isinstance(versions, dict) else {}

    # --- Events ---

    def once(self, kind: str, key: str, model: type[R], compute: Callable[[], R]) -> R:
        """The stored result of this kind and key; else computes it, stores it durably and returns it.

        What is returned has been through JSON either way, so an undisturbed and a resumed run see the same.
        """
        stored = self._log.first(kind, key)
        if stored is None:
            stored = self._append(kind, key, compute(), self._log.append_once)
        return stored.record(model)

    def append(self, kind: str, key: str, record: BaseModel) -> Event:
        """Appends one event; it is on the disk when this returns.

        Raises:
            StorageError: the disk refused; nothing earlier is lost.
            RuntimeError: a result, and the run is not open for writing.
        """
        return self._append(kind, key, record, self._log.append)

    def get(self, kind: str, key: str, model: type[R]) -> R | None:
        """The newest record of this kind and key, or None."""
        event = self._log.last(kind, key)
        return None if event is None else event.record(model)

    def events(self, kind: str | None = None, after: int = 0) -> Iterator[Event]:
        """The events, or those of one kind, oldest first; `after` is the id of the last one already seen."""
        return iter(self._log.events(kind, after))

    def newest(self, without: Collection[str] = ()) -> Event | None:
        """The newest event, of all or of those that are not of some kinds; None where there is none."""
        return self._log.newest(tuple(without))

    def add_note(self, text: str, candidate: str | None = None, **facts: Any) -> Note:
        """Appends what a person said; needs no lock, any process may.

        Args:
            facts: of the moment that it is about, and who said it: fields of `Note`.
        """

        def numbered(number: int) -> str:
            return Note(id=number, text=text, candidate=candidate, **facts).model_dump_json()

        return self._log.append_numbered(NOTE, candidate or "", numbered).record(Note)

    def notes(self) -> list[Note]:
        """What people said, oldest first."""
        return [event.record(Note) for event in self.events(NOTE)]

    # --- Files ---

    def write_file(self, relative: str, data: bytes | str) -> Path:
        """Writes one file of the run, whole or not at all; folders are made.

        Raises:
            StorageError: the disk refused; the old file is intact.
        """
        self._must_hold_lock(f"the file {relative}")
        path = self._inside(relative)
        write_atomic(path, data)
        return path

    def write_arrays(self, relative: str, arrays: Mapping[str, NDArray[Any]]) -> Path:
        """Writes named arrays as one compressed .npz file, as `write_file` does."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        return self.write_file(relative, buffer.getvalue())

    def read_file(self, relative: str) -> bytes:
        """The content of one file of the run.

        Raises:
            StorageError: it cannot be read, or is larger than any file of a run.
        """
        return _read(self._inside(relative), FILE_LIMIT)

    def read_arrays(self, relative: str) -> dict[str, NDArray[Any]]:
        """The arrays of `write_arrays`; nothing in the file is ever executed.

        Raises:
            StorageError: it holds something else, or more than fits into memory.
        """
        return read_arrays(self._inside(relative))

    def folder(self, relative: str) -> Path:
        """Where a folder of the run lies, which may not be there.

        Raises:
            StorageError: it, or one above it, is a link.
        """
        return self._inside(relative)

    # --- The end ---

    def close(self) -> None:
        """Closes the database and gives the lock back."""
        self._log.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, kind: str, key: str, record: BaseModel, append: Callable[[str, str, str], Event]) -> Event:
        if kind not in PERSON_KINDS:
            self._must_hold_lock(f"the event {kind!r}")
        return append(kind, key, record.model_dump_json())

    def _must_hold_lock(self, what: str) -> None:
        if self._lock is None:
            raise RuntimeError(f"run {self.id} is not open for writing: {what} was not stored")

    def _inside(self, relative: str) -> Path:
        path = self.path / relative
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise StorageError(f"{relative!r} lies outside of run {self.id}.", "The run was changed; start a new one.")
        for part in (path, *path.parents):  # from the file up to the run's folder, which may be a link itself
            if part == self.path:
                break
            refuse_link(part)
        return path


def version_key(version: int) -> str:
    """The key of a revision of the metric: "v1"; "" before the first."""
    return f"v{version}" if version else ""


def version_prefix(version: int) -> str:
    """What keys and places begin with that hold under one revision of the metric alone: "v1/"; "" before the first."""
    return f"v{version}/" if version else ""


def _to_yaml(record: BaseModel) -> str:
    data = record.model_dump(mode="json")
    readable = "\x85" not in record.model_dump_json()  # PyYAML writes it as it is and reads a line end
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=readable, width=110)


def _from_yaml(path: Path, model: type[R]) -> R:
    try:
        record: R = _parsed(_read(path, TEXT_LIMIT), model)
    except (UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise StorageError(f"Cannot read {path}: {error}", "It was written with the run; restore it.") from error
    return record


@lru_cache(maxsize=8)  # settings and task are read at every step; they are frozen
def _parsed(content: bytes, model: type[R]) -> R:
    return model.model_validate(parse_yaml(content.decode("utf-8")))


def _read(path: Path, limit: int) -> bytes:
    try:
        return read_input(path, limit, follow=False)
    except UsageError as error:
        raise StorageError(error.message, "It was written with the run; restore it.") from error


def _refuse_size(path: Path, limit: int) -> None:
    if (size := path.stat().st_size) > limit:
        raise StorageError(f"{path} has {size:,} bytes; a run has at most {limit:,}.", "It is no run of autoreward.")
