"""A file is whole or it is the old one, and nothing temporary stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.errors import StorageError
from autoreward.ledger import files
from autoreward.ledger.files import make_directory, remove_leftovers, write_atomic


def test_text_and_bytes_in_folders_that_are_made(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a/b/text.txt", "é\n")
    write_atomic(tmp_path / "a/b/bytes.bin", b"\x00\xff")
    assert (tmp_path / "a/b/text.txt").read_bytes() == "é\n".encode()
    assert (tmp_path / "a/b/bytes.bin").read_bytes() == b"\x00\xff"
    assert sorted(path.name for path in (tmp_path / "a/b").iterdir()) == ["bytes.bin", "text.txt"]


class PowerCut(BaseException):
    """The end at one step of the writing."""


@pytest.mark.parametrize(
    ("step", "content"), [("_write_through", "old"), ("sync_directory", "new")], ids=["while written", "once renamed"]
)
def test_an_end_at_each_step_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, content: str
) -> None:
    path = tmp_path / "file.txt"
    write_atomic(path, "old")

    def end(*_: object) -> None:
        raise PowerCut

    monkeypatch.setattr(files, step, end)
    with pytest.raises(PowerCut):
        write_atomic(path, "new")
    assert path.read_text() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_refuses_is_a_storage_error_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.txt"
    write_atomic(path, "old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(files, "_write_through", refuse)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        write_atomic(path, "new")
    assert "Free some space" in caught.value.remedy
    assert path.read_text() == "old"


def test_the_folder_of_each_new_entry_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(files, "sync_directory", flushed.append)
    make_directory(tmp_path / "a/b")
    assert flushed == [tmp_path, tmp_path / "a"]
    make_directory(tmp_path / "a/b")
    assert len(flushed) == 2


def test_only_what_a_writer_left_behind_is_removed(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in (".a.txt.0f0f.tmp", "deep/.b.txt.0f0f.tmp", "a.tmp", ".hidden"):
        (tmp_path / name).write_text("x")
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == [".hidden", "a.tmp", "deep"]
