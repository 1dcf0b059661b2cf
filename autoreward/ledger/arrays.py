"""Arrays of a file that somebody else may have made: numbers only, and no more than can be held."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.errors import StorageError, UsageError
from autoreward.input_files import read_input

FILE_LIMIT = 1 << 30  # [bytes] on the disk
ARRAYS_LIMIT = 4 << 30  # [bytes] of all arrays, uncompressed
ARRAYS = 100_000  # in one file
# What zipfile and numpy say of a file that is broken, or that claims shapes beyond all memory.
_UNREADABLE = (
    ValueError, EOFError, KeyError, OSError, NotImplementedError, MemoryError, OverflowError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file.

    Raises:
        StorageError: it is no such file, holds objects (which would be code), or is too large.
    """
    try:
        content = read_input(path, FILE_LIMIT, follow=False)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive)
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {name: _numbers(name, stored[name]) for name in stored.files}
    except UsageError as error:
        raise StorageError(error.message, "It was written with the run; restore it.") from error
    except _UNREADABLE as error:
        message = f"{os.fspath(path)} holds no arrays that can be read: {error}."
        raise StorageError(message, "It was written with the run; restore it.") from error


def _check(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if size > ARRAYS_LIMIT or len(entries) > ARRAYS:
        raise ValueError(f"{len(entries):,} arrays of {size:,} bytes, expected at most {ARRAYS_LIMIT:,}")


def _numbers(name: str, array: Any) -> NDArray[Any]:
    if not hasattr(array, "dtype") or array.dtype.kind not in "biufcU":
        raise ValueError(f"{name!r} holds no numbers")
    numbers: NDArray[Any] = array
    return numbers
