"""A run folder that somebody else made: nothing outside of it is touched, what is odd ends in a sentence."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autoreward import api
from autoreward.cli.main import main
from autoreward.errors import StorageError
from autoreward.ledger import Run, arrays
from autoreward.ledger.lock import LOCK_NAME, RunLock
from autoreward.records import Usage
from tests.test_input_files import make_special

NewRun = Callable[[], Run]


@pytest.fixture
def received(new_run: NewRun) -> Path:
    """A finished run."""
    run = new_run()
    run.append("usage", "g00c00", Usage())
    run.write_file("candidates/g00c00/reward.py", "WEIGHTS = {}")
    run.close()
    return run.path


@pytest.mark.parametrize("name", [LOCK_NAME, "best", "run.db-wal", "candidates/g00c00/policy.npz", "notes.txt"])
@pytest.mark.parametrize("write", [True, False])
def test_a_link_in_it_is_refused_and_not_followed(received: Path, tmp_path: Path, name: str, write: bool) -> None:
    target = tmp_path / "precious"
    if name == "best":
        target.mkdir()
    else:
        target.write_text("precious")
    (received / name).unlink(missing_ok=True)
    (received / name).symlink_to(target)
    with pytest.raises(StorageError, match=r"is a link to .*precious"):
        Run.open(received, write=write)
    assert list(target.iterdir()) == [] if target.is_dir() else target.read_text() == "precious"


def test_a_link_made_while_it_is_open_is_not_followed(received: Path, tmp_path: Path) -> None:
    with Run.open(received, write=True) as run:
        (received / "best").symlink_to(tmp_path)
        with pytest.raises(StorageError):
            run.write_file("best/reward.py", "x")
        (received / "inside").symlink_to(received / "candidates")
        with pytest.raises(StorageError, match="is a link"):
            run.write_file("inside/reward.py", "x")
    assert not (tmp_path / "reward.py").exists()


def test_a_lock_that_is_a_link_leaves_its_target_alone(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / LOCK_NAME).symlink_to(target)
    with pytest.raises(StorageError, match=LOCK_NAME) as caught:
        RunLock(tmp_path)
    assert "link" in caught.value.remedy
    assert target.read_text() == "precious"


@pytest.mark.parametrize("kind", ["pipe", "socket"])
@pytest.mark.parametrize("name", [LOCK_NAME, "settings.yaml", "candidates/g00c00/policy.npz"])
def test_a_special_file_in_it_is_refused_and_not_waited_for(received: Path, kind: str, name: str) -> None:
    (received / name).unlink(missing_ok=True)
    make_special(kind, received / name)
    with pytest.raises(StorageError, match=f"is a {kind}"):
        Run.open(received, write=True)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder", "loop"])
@pytest.mark.parametrize("name", ["task.yaml", "run.db"])
def test_a_run_whose_task_or_database_is_no_file_is_listed_with_the_reason(
    received: Path, new_run: NewRun, kind: str, name: str
) -> None:
    sound = new_run()
    sound.close()
    (received / name).unlink()
    if kind == "loop":
        (received / name).symlink_to(name)
    else:
        make_special(kind, received / name)
    by_name = {line.run: line for line in api.list_runs(received.parent)}
    assert set(by_name) == {received.name, sound.id}
    assert by_name[sound.id].problem is None
    said = by_name[received.name].problem or ""
    assert by_name[received.name].status == "unreadable"
    assert re.search(rf"{name} is (a pipe|a socket|a link|a folder)", said), said
    with pytest.raises(StorageError, match=name):
        Run.open(received, write=False)


def test_a_link_to_a_run_is_listed_and_not_followed(received: Path, tmp_path: Path) -> None:
    moved = received.rename(tmp_path / "elsewhere")
    received.symlink_to(moved)
    before = {path.name: path.stat().st_mtime_ns for path in moved.iterdir()}
    (line,) = api.list_runs(received.parent)
    assert "is a link to" in (line.problem or "")
    for write in (False, True):
        with pytest.raises(StorageError, match="links to runs are not followed"):
            Run.open(received, write=write)
    assert {path.name: path.stat().st_mtime_ns for path in moved.iterdir()} == before


def test_list_names_the_unreadable_beside_the_others(
    received: Path, new_run: NewRun, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = new_run()
    sound.close()
    make_special("pipe", received / "pipe")
    runs = ["--set", f"runs={received.parent}"]
    assert main(["list", *runs]) == 0
    told = capsys.readouterr()
    assert sound.id in told.out and received.name in told.out
    assert "pipe is a pipe" in told.err
    assert main(["--json", "list", *runs]) == 0
    lines = {line["run"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert lines[sound.id]["problem"] is None
    assert lines[received.name]["status"] == "unreadable" and "a pipe" in lines[received.name]["problem"]


FOREIGN = {
    "a view without an end": (
        "DROP TABLE events; CREATE VIEW events AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) "
        "SELECT id, 'note' AS kind, '' AS key, '' AS created, '{}' AS data FROM n"
    ),
    "a trigger": "CREATE TRIGGER more AFTER INSERT ON events BEGIN SELECT hex(zeroblob(1000000)); END",
    "no text": (
        "DROP TABLE events; CREATE TABLE events (id INTEGER PRIMARY KEY, kind, key, created, data); "
        "INSERT INTO events VALUES (1, 2, 3, 4, x'00')"
    ),
}


@pytest.mark.parametrize("script", FOREIGN.values(), ids=FOREIGN)
def test_a_database_that_defines_something_else_is_refused_and_not_asked(received: Path, script: str) -> None:
    connection = sqlite3.connect(received / "run.db")
    connection.executescript(script)
    connection.close()
    with pytest.raises(StorageError, match="as no run does"):
        Run.open(received, write=False)
    (line,) = api.list_runs(received.parent)
    assert "as no run does" in (line.problem or "")


def test_a_database_of_3_gb_is_refused(received: Path) -> None:
    (received / "run.db").unlink()
    make_special("large", received / "run.db")
    with pytest.raises(StorageError, match="3,221,225,472 bytes"):
        Run.open(received, write=False)


@pytest.mark.parametrize("name", ["task.yaml", "settings.yaml"])
def test_a_task_of_3_gb_or_of_another_form_is_refused(received: Path, name: str) -> None:
    read = (lambda run: run.task) if name == "task.yaml" else (lambda run: run.settings)
    for content in (None, b"\xff", b"[1", b"{a: &a [*a]}", b"[" * 5000, b"env: 1\x1b[31m"):
        (received / name).unlink()
        if content is None:
            make_special("large", received / name)
        else:
            (received / name).write_bytes(content)
        with Run.open(received, write=False) as run, pytest.raises(StorageError, match=name) as caught:
            read(run)
        assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "candidates/../../outside"])
def test_a_path_out_of_it_is_a_sentence(received: Path, name: str) -> None:
    with Run.open(received, write=True) as run:
        for use in (run.read_file, run.read_arrays, lambda path: run.write_file(path, "x")):
            with pytest.raises(StorageError, match="lies outside"):
                use(name)


def npz(**named: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **named)  # type: ignore[arg-type]
    return buffer.getvalue()


def huge_header() -> bytes:
    """An array whose header claims 8 TB."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", header.getvalue())
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        npz(a=np.array([{"x": 1}], dtype=object)),
        npz(a=np.zeros(3, dtype=[("x", "f4")])),
        npz(a=np.array([b"bytes"])),
        huge_header(),
        b"no archive",
        b"",
        npz(a=np.zeros(3))[:-30],
    ],
    ids=["objects", "records", "bytes", "huge", "text", "empty", "cut"],
)
def test_a_file_of_arrays_that_holds_something_else_is_a_sentence(received: Path, content: bytes) -> None:
    (received / "candidates/g00c00/policy.npz").write_bytes(content)
    with Run.open(received, write=False) as run, pytest.raises(StorageError, match=r"policy.npz holds no arrays"):
        run.read_arrays("candidates/g00c00/policy.npz")


def test_more_than_can_be_held_is_refused_before_it_is_unpacked(
    received: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "ARRAYS_LIMIT", 100)
    (received / "candidates/g00c00/policy.npz").write_bytes(npz(a=np.zeros(100)))
    with Run.open(received, write=False) as run, pytest.raises(StorageError, match="928 bytes, expected at most 100"):
        run.read_arrays("candidates/g00c00/policy.npz")


def test_a_record_that_was_changed_is_a_sentence(received: Path) -> None:
    connection = sqlite3.connect(received / "run.db")
    connection.execute("DROP TRIGGER events_never_change")
    connection.execute("""UPDATE events SET data = '{"calls": "many", "evil": 1}'""")
    connection.commit()
    connection.close()
    with Run.open(received, write=False) as run, pytest.raises(StorageError, match="usage g00c00"):
        run.get("usage", "g00c00", Usage)
