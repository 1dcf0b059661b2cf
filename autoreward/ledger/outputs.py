"""Places that a person names for a result: looked at before any cost, and refused under the name that was given."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from autoreward.errors import StorageError, UsageError
from autoreward.input_files import kind_of

ELSEWHERE = "Name another place with -o."
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EACCES, errno.EPERM)


def check_output_file(
    path: Path, *, suffixes: Sequence[str] = (), heads: Sequence[bytes] | None = None, cure: str = ELSEWHERE
) -> None:
    """Refuse a place where no file can be written, or where one lies that must stay.

    Args:
        suffixes: that its name may have, in small letters; () for any.
        heads: how a file begins that may be replaced; None: nothing may be there.
        cure: what else to name.

    Raises:
        UsageError: another suffix, a folder or a device, a file that is not replaced, a file in place of a folder.
        StorageError: its folder cannot be written.
    """
    if suffixes and path.suffix.lower() not in suffixes:
        seen = f"ends in {path.suffix}" if path.suffix else "has no ending"
        example = path.with_suffix(suffixes[0]) if path.name else f"result{suffixes[0]}"
        raise UsageError(f"{path}: {seen}, expected {' or '.join(suffixes)}.", f"For instance {example}.")
    status = _status(path, cure)
    if status is not None and (kind := kind_of(status.st_mode)):
        raise UsageError(f"{path}: is {kind}, expected the name of a file.", cure)
    if status is None or heads is None:
        check_free(path, cure)
        return
    _check_replaceable(path, heads, cure)
    _check_parents(path, cure)


def check_free(path: Path, cure: str = ELSEWHERE) -> None:
    """Refuse a place where something lies, or where nothing can be made.

    Raises:
        UsageError: something is there, or a file stands where one of its parents is needed.
        StorageError: the folder that it would lie in cannot be written.
    """
    if _status(path, cure) is not None:
        raise UsageError(f"{path}: exists already, and is not replaced.", f"{cure} Or move what is there.")
    _check_parents(path, cure)


def check_output_folder(path: Path, cure: str = ELSEWHERE) -> None:
    """Refuse a place that cannot be a folder to write in; it need not be there yet.

    Raises:
        UsageError: it is something else than a folder, or a file stands where one of its parents is needed.
        StorageError: it, or the folder that it would be made in, cannot be written.
    """
    status = _status(path, cure)
    if status is None:
        _check_parents(path, cure)
    elif not stat.S_ISDIR(status.st_mode):
        raise UsageError(f"{path}: is {kind_of(status.st_mode) or 'a file'}, expected a folder.", cure)
    else:
        _check_writable(path, path, cure)


@contextmanager
def output_errors(path: Path, cure: str = ELSEWHERE) -> Iterator[None]:
    """Say what stands in the way of writing to a place that a person named, with that name and what to do about it.

    Raises:
        StorageError: the disk refuses.
    """
    try:
        yield
    except StorageError as error:
        cause = error.__cause__
        if not isinstance(cause, OSError) or not _concerns(cause, path):
            raise
        raise _refusal(path, cause, cure) from cause
    except OSError as error:
        if not _concerns(error, path):
            raise
        raise _refusal(path, error, cure) from error


def _status(path: Path, cure: str) -> os.stat_result | None:
    """What is there; None where nothing is."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _refusal(path, error, cure) from error


def _check_parents(path: Path, cure: str) -> None:
    """The nearest folder that is there has to be one, and to be writable; the others are made."""
    for parent in path.absolute().parents:
        status = _status(parent, cure)
        if status is None:
            continue
        if not stat.S_ISDIR(status.st_mode):
            kind = kind_of(status.st_mode) or "a file"
            raise UsageError(f"{path}: {_shown(parent, path)} is {kind}, expected a folder.", cure)
        _check_writable(path, parent, cure)
        return


def _check_writable(path: Path, folder: Path, cure: str) -> None:
    """Tries it: permissions alone say nothing of a file system that is read-only, full, or no real one."""
    try:
        Path(tempfile.mkdtemp(prefix=".autoreward-", dir=folder)).rmdir()
    except OSError as error:
        raise _refusal(path, OSError(error.errno, error.strerror, str(folder)), cure) from error


def _check_replaceable(path: Path, heads: Sequence[bytes], cure: str) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise _refusal(path, error, cure) from error
    if start and not any(head in start for head in heads):
        raise UsageError(
            f"{path}: exists already and is something else than what would be written; it is not replaced.",
            f"{cure} Or move the file.",
        )


def _concerns(error: OSError, path: Path) -> bool:
    """Whether an error is about a place, what lies in it or what it lies in; one that names nothing is."""
    if not isinstance(error.filename, str):
        return True
    failed, named = Path(error.filename).absolute(), path.absolute()
    if failed.is_relative_to(named) or named.is_relative_to(failed):
        return True
    beside = failed.relative_to(named.parent).parts if failed.is_relative_to(named.parent) else ()
    return bool(beside) and beside[0].startswith(f".{named.name}")  # before it is renamed


def _refusal(path: Path, error: OSError, cure: str) -> StorageError:
    reason = error.strerror or str(error)
    if error.errno in _NO_SPACE:
        return StorageError(f"{path}: cannot be written: {reason}.", f"Make room there. {cure}")
    if error.errno == errno.ENAMETOOLONG:
        return StorageError(f"{path}: cannot be written: its name is too long.", cure)
    folder = _folder(error, path)
    where = f" in {folder}" if folder is not None else ""
    if error.errno == errno.ENOENT:
        return StorageError(f"{path}: cannot be written: nothing can be made{where}.", cure)
    allow = f"Allow writing{where}. Or: " if error.errno in _REFUSED else ""
    return StorageError(f"{path}: cannot be written{where}: {reason}.", f"{allow}{cure}")


def _folder(error: OSError, path: Path) -> Path | None:
    """The folder that refused, as the person wrote it where it can be."""
    if not isinstance(error.filename, str):
        return None
    failed = Path(error.filename)
    named = path.absolute()
    for folder in (failed.absolute(), *failed.absolute().parents):
        if folder.is_dir() and (named.is_relative_to(folder)):
            return _shown(folder, path)
    return None


def _shown(folder: Path, path: Path) -> Path:
    """A folder above a path, relative where the path is."""
    return folder if path.is_absolute() or not folder.is_relative_to(Path.cwd()) else folder.relative_to(Path.cwd())
