"""Runs by the names people use: a path, an id, the end of an id, or `last`."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

from autoreward.errors import StorageError, UnknownNameError, UsageError
from autoreward.ledger.events import DATABASE_NAME
from autoreward.ledger.files import refuse_link
from autoreward.records import TaskSpec

TASK_NAME = "task.yaml"
_SHOWN = 20  # runs that an error message lists
_WORDS = 3  # of a free text, in an id
_SUFFIX_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike


def is_run(path: Path) -> bool:
    """Whether a folder is meant as a run; one whose making was interrupted keeps a hidden name.

    Only names are looked at, so that one that holds a pipe for a file is a run too, and is refused with a reason.
    """
    try:
        if path.resolve().name.startswith("."):
            return False
        for name in (DATABASE_NAME, TASK_NAME):
            (path / name).lstat()
    except PermissionError:
        return True  # nobody can tell; opening it says why
    except (OSError, ValueError, RuntimeError):  # not there, no name of a file, a link that leads to itself
        return False
    return True


def list_runs(runs_dir: Path) -> list[Path]:
    """All runs of a folder, oldest first, also those that cannot be read; none where the folder does not exist.

    Raises:
        StorageError: the folder cannot be read.
    """
    try:
        entries = list(runs_dir.iterdir())
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise StorageError(
            f"{runs_dir} is a file, expected a folder with runs.", "Move it, or --set runs=DIR."
        ) from error
    except OSError as error:
        raise StorageError(f"Cannot read {runs_dir}: {error.strerror}.", "Allow it, or --set runs=DIR.") from error
    # Ids say the day; task.yaml is written once, so its time orders the runs of one day.
    return sorted(filter(is_run, entries), key=lambda path: (path.name[:10], _time(path), path.name))


def refuse_odd_run(path: Path) -> None:
    """Refuse a run that is a link itself, or whose task or database is no file.

    Raises:
        StorageError: it is one.
    """
    if path.is_symlink():
        raise StorageError(
            f"{path} is a link to {path.readlink()}; links to runs are not followed.", "Name the folder it leads to."
        )
    for name in (DATABASE_NAME, TASK_NAME):
        refuse_link(path / name)
        if (path / name).is_dir():
            raise StorageError(f"{path / name} is a folder, expected a file.", "It is no run of autoreward.")


def _time(path: Path) -> int:
    """When the task was written [ns]; 0 where nobody can tell."""
    try:
        return (path / TASK_NAME).lstat().st_mtime_ns
    except OSError:
        return 0


def find_run(runs_dir: Path, name: str) -> Path:
    """The folder of one run.

    Args:
        name: a path, an id, the end of an id ("k3f9"), or "last".

    Raises:
        UnknownNameError: there is no such run; names the nearest.
        UsageError: several ids end like this.
    """
    if is_run(Path(name)):
        return Path(name)
    runs = list_runs(runs_dir)
    if name == "last" and runs:
        return runs[-1]
    exact = [path for path in runs if path.name == name]
    matches = exact or [path for path in runs if name and path.name.endswith(name)]
    if len(matches) > 1:
        listed = ", ".join(path.name for path in matches)
        raise UsageError(f"{len(matches)} runs end with {name!r}: {listed}.", "Give more of the id, or its path.")
    if not matches:
        known = [path.name if "_" in name else path.name.rpartition("_")[2] for path in runs[-_SHOWN:]]
        raise UnknownNameError(f"run in {runs_dir}", name, known)
    return matches[0]


def find_candidate(runs_dir: Path, name: str) -> tuple[Path, str | None]:
    """The folder of a run and, where `RUN:CANDIDATE` names one, the candidate; errors as of `find_run`."""
    run, colon, candidate = name.rpartition(":") if not Path(name).exists() else (name, "", "")
    return (find_run(runs_dir, run), candidate) if colon else (find_run(runs_dir, name), None)


def new_id(runs_dir: Path, task: TaskSpec) -> str:
    """An id such as `2026-11-20_hopper-hop-forward_k3f9`; its end is unique in the folder."""
    taken = {path.name.rpartition("_")[2] for path in list_runs(runs_dir)}
    suffix = _random_suffix()
    while suffix in taken:
        suffix = _random_suffix()
    words = re.findall(r"[a-z0-9_]+", (task.name or task.text).lower())[:_WORDS]
    env = re.sub(r"[^A-Za-z0-9_]+", "-", task.env).strip("-")  # "module:Class" and "ALE/Pong-v5" are no file names
    return f"{datetime.now(UTC):%Y-%m-%d}_{'-'.join([env, *words])}_{suffix}"


def _random_suffix() -> str:
    return "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(4))
