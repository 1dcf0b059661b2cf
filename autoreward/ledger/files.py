"""Files that are whole or absent: written to a temporary name, flushed to the disk, then renamed."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from autoreward.errors import StorageError
from autoreward.input_files import kind_of
from autoreward.ledger.storage import TEMPORARY, storage_errors


def write_atomic(path: Path, data: bytes | str) -> None:
    """Writes a file so that a reader, a kill or a power cut finds the old content or the new, never a part.

    Raises:
        StorageError: the disk refused; the old content is still there.
    """
    content = data.encode() if isinstance(data, str) else data
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    with storage_errors(path):
        make_directory(path.parent)
        try:
            _write_through(temporary, content)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)


def make_directory(path: Path) -> None:
    """Makes a folder and its missing parents, each one durable: its entry is flushed in its parent."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        sync_directory(folder.parent)


def sync_directory(path: Path) -> None:
    """Flushes a folder's entries: a rename in it then survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_links(folder: Path) -> None:
    """Refuse a folder that holds anything but folders and files: a link may lead anywhere, a pipe is waited for.

    Raises:
        StorageError: something else is in it.
    """
    waiting = [folder]
    while waiting:
        with storage_errors(folder), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                refuse_link(Path(entry.path))
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))


def refuse_link(path: Path) -> None:
    """Refuse one path of a run that is neither a folder nor a file, nor absent.

    Raises:
        StorageError: it is a link, a pipe, a device or a socket.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
        return
    kind = f"a link to {path.readlink()}" if stat.S_ISLNK(mode) else kind_of(mode)
    raise StorageError(f"{path} is {kind}; a run holds files and folders only.", "Delete it, then try again.")


def remove_leftovers(directory: Path) -> None:
    """Deletes temporary files that a killed writer left behind; only the holder of the run's lock may."""
    for path in directory.rglob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
