"""Places that a person names for a result: refused under that name, before any cost, with what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autoreward.errors import AutorewardError, StorageError, UsageError
from autoreward.ledger import outputs
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_free, check_output_file, check_output_folder, output_errors

Check = Callable[[Path], None]
CHECKS: dict[str, Check] = {
    "file": check_output_file,
    "clip": lambda path: check_output_file(path, heads=(b"ftyp",)),
    "folder": check_output_folder,
    "new": check_free,
}


def refused(check: Check, path: Path, kind: type[AutorewardError]) -> AutorewardError:
    """The refusal of a path: it begins with the name that was given, and says what to do."""
    with pytest.raises(kind) as caught:
        check(path)
    assert caught.value.message.startswith(str(path)) and "-o" in caught.value.remedy
    assert "--set runs" not in str(caught.value) and ".tmp" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_what_is_not_there_is_made_with_its_parents(tmp_path: Path, check: Check) -> None:
    check(tmp_path / "new")
    check(tmp_path / "a" / "b" / "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path, check: Check) -> None:
    (tmp_path / "notes").write_text("")
    error = refused(check, tmp_path / "notes" / "below" / "new", UsageError)
    assert f"{tmp_path / 'notes'} is a file, expected a folder" in error.message


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_name_that_is_too_long(tmp_path: Path, check: Check) -> None:
    assert "too long" in refused(check, tmp_path / ("x" * 300), StorageError).message


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(prefix: str, dir: Path) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), f"{dir}/{prefix}x1")

    monkeypatch.setattr(outputs.tempfile, "mkdtemp", refuse)  # no permission stops root
    monkeypatch.chdir(tmp_path.parent)
    error = refused(check, Path(tmp_path.name) / "new", StorageError)
    assert f"cannot be written in {tmp_path.name}: Permission denied" in error.message
    assert f"Allow writing in {tmp_path.name}" in error.remedy


def test_only_a_file_of_the_same_kind_is_replaced(tmp_path: Path) -> None:
    clip, other, empty = (tmp_path / name for name in ("clip.mp4", "thesis.mp4", "empty.mp4"))
    clip.write_bytes(b"\0\0\0\x20ftypisom")
    other.write_text("my thesis")
    empty.touch()
    for path in (clip, empty):
        CHECKS["clip"](path)
    assert "is not replaced" in refused(CHECKS["clip"], other, UsageError).message
    assert "exists already" in refused(check_output_file, clip, UsageError).message
    assert "is a file, expected a folder" in refused(check_output_folder, clip, UsageError).message


def test_a_folder_and_a_device_are_no_files(tmp_path: Path) -> None:
    assert "is a folder" in refused(check_output_file, tmp_path, UsageError).message
    assert "is a device" in refused(CHECKS["clip"], Path(os.devnull), UsageError).message
    check_output_folder(tmp_path)


@pytest.mark.parametrize(("name", "seen"), [("clip.avi", "ends in .avi"), ("clip", "has no ending")])
def test_a_suffix_is_one_of_those_that_can_be_written(name: str, seen: str) -> None:
    with pytest.raises(UsageError, match=r"expected [.]mp4 or [.]gif") as caught:
        check_output_file(Path(name), suffixes=(".mp4", ".gif"))
    assert seen in caught.value.message and "clip.mp4" in caught.value.remedy
    check_output_file(Path("CLIP.GIF"), suffixes=(".mp4", ".gif"))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.ENOENT])
def test_what_fails_while_it_is_written_is_told_with_the_name_that_was_given(
    tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, *_: object) -> None:
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(Path, "open", fail)  # of the temporary file
    target = tmp_path / "export" / "reward.py"

    def write(path: Path) -> None:
        with output_errors(path):
            write_atomic(target, "text")

    refused(write, tmp_path / "export", StorageError)
    refused(write, target, StorageError)


def test_an_error_about_another_place_stays_what_it_is(tmp_path: Path) -> None:
    elsewhere = FileNotFoundError(errno.ENOENT, "gone", str(tmp_path / "runs" / "run.db"))
    for raised in (elsewhere, StorageError("The run is damaged.", "Look at it.")):
        with pytest.raises(type(raised)) as caught, output_errors(tmp_path / "export"):
            raise raised
        assert caught.value is raised
