"""Arrays of a file that somebody else may have made."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from autoreward.errors import StorageError
from autoreward.ledger import arrays as arrays_module
from autoreward.ledger.arrays import read_arrays


def test_numbers_and_names_come_back(tmp_path: Path) -> None:
    kept = {"a/b": np.arange(3.0), "names": np.array(["x", "yz"]), "flags": np.array([True])}
    np.savez(tmp_path / "a.npz", **kept)
    found = read_arrays(tmp_path / "a.npz")
    assert set(found) == set(kept)
    np.testing.assert_array_equal(found["names"], kept["names"])


def test_objects_are_code_and_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.array([{}], dtype=object))
    with pytest.raises(StorageError, match="holds no arrays that can be read"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04 half"])
def test_what_is_no_file_of_arrays(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(StorageError, match="holds no arrays that can be read") as error:
        read_arrays(tmp_path / "a.npz")
    assert error.value.remedy


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        read_arrays(tmp_path / "none.npz")


def test_what_would_unpack_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(10_000))
    monkeypatch.setattr(arrays_module, "ARRAYS_LIMIT", 1000)
    with pytest.raises(StorageError, match="1 arrays of 80,128 bytes, expected at most 1,000"):
        read_arrays(tmp_path / "a.npz")


def test_another_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(StorageError, match="holds no numbers"):
        read_arrays(tmp_path / "a.npz")
