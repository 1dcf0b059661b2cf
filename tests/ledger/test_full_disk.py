"""A disk that refuses gives a clear error with a cure, and what was stored before stays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.errors import StorageError
from autoreward.ledger import Run
from autoreward.records import Note, TaskSpec

SIZE = 600_000  # bytes of the small disk: room for the empty run and some events

FILL_UNDER_A_LIMIT = f"""
import pathlib, resource, sys
from autoreward.errors import StorageError
from autoreward.ledger import Run
from autoreward.records import Note
resource.setrlimit(resource.RLIMIT_FSIZE, ({SIZE}, {SIZE}))
with Run.open(pathlib.Path(sys.argv[1]), write=True) as run:
    stored = 0
    try:
        while True:
            run.append("step", str(stored), Note(id=stored, text="x" * 20_000))
            stored += 1
    except StorageError as error:
        print(stored, error.exit_code, error.remedy)
    assert len(list(run.events("step"))) == stored
    try:
        run.write_file("best/reward.py", "x" * {SIZE + 1})
    except StorageError as error:
        print(error)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk; the file size limit is tested instead")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def _fill(run: Run) -> tuple[int, StorageError]:
    stored = 0
    while True:
        try:
            run.append("step", str(stored), Note(id=stored, text="x" * 20_000))
        except StorageError as error:
            return stored, error
        stored += 1


def test_a_full_disk_loses_nothing(small_disk: Path, task: TaskSpec) -> None:
    run = Run.create(small_disk / "runs", task, Settings(), {})
    run.write_file("best/reward.py", "the best so far")
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 60_000)
    stored, error = _fill(run)
    assert error.exit_code == 10
    assert "full" in error.message and "resume" in error.remedy
    with pytest.raises(StorageError, match="No space left"):
        run.write_file("best/reward.py", "x" * SIZE)
    run.close()

    ballast.unlink()
    with Run.open(run.path, write=True) as again:
        assert [int(event.key) for event in again.events("step")] == list(range(stored))
        assert again.read_file("best/reward.py") == b"the best so far"
        assert [path.name for path in (again.path / "best").iterdir()] == ["reward.py"]
        again.append("step", str(stored), Note(id=stored, text=""))


def test_a_run_that_cannot_be_made_leaves_nothing_behind(small_disk: Path, task: TaskSpec) -> None:
    (small_disk / "ballast").write_bytes(b"x" * (SIZE - 30_000))
    with pytest.raises(StorageError):
        Run.create(small_disk / "runs", task, Settings(), {})
    assert list((small_disk / "runs").iterdir()) == []


def test_a_read_only_disk_can_be_read(small_disk: Path, task: TaskSpec) -> None:
    with Run.create(small_disk / "runs", task, Settings(), {}) as run:
        run.append("step", "0", Note(id=0, text=""))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with Run.open(run.path, write=False) as reader:
        assert [event.key for event in reader.events()] == ["0"]
        with pytest.raises(StorageError):
            reader.add_note("cannot be stored")
    with pytest.raises(StorageError, match="Read-only file system") as caught:
        Run.open(run.path, write=True)
    assert "--set runs=DIR" in caught.value.remedy


def test_a_limit_on_file_sizes_loses_nothing(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.close()
    command = [sys.executable, "-c", FILL_UNDER_A_LIMIT, str(run.path)]
    first, second, *_ = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    stored, code, _ = first.split(" ", 2)
    assert int(stored) > 0 and code == "10"
    assert "File too large" in second
    with Run.open(run.path, write=True) as again:
        assert len(list(again.events("step"))) == int(stored)


def test_a_file_where_the_runs_folder_should_be(tmp_path: Path, task: TaskSpec) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(StorageError, match="Cannot write") as caught:
        Run.create(tmp_path / "runs", task, Settings(), {})
    assert "--set runs=DIR" in caught.value.remedy
