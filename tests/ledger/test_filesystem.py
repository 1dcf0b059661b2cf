"""The file system decides about the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from autoreward.ledger import Run, events, filesystem
from autoreward.ledger.filesystem import NETWORK_TYPES, filesystem_type, is_on_network
from autoreward.records import Usage

MOUNTS = """\
/dev/sda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb /home/local xfs rw 0 0
host:/a\\040b /home/with\\040space fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/tmp/runs", "ext4"),
        ("/home/anna/runs", "nfs4"),
        ("/home/local/runs", "xfs"),
        ("/home/localhost/runs", "nfs4"),
        ("/home/with space/runs", "fuse.sshfs"),
    ],
)
def test_the_deepest_mount_counts(path: str, kind: str) -> None:
    assert filesystem_type(Path(path), MOUNTS) == kind


def test_later_mounts_cover_earlier_ones() -> None:
    assert filesystem_type(Path("/home/x"), MOUNTS + "tmpfs /home tmpfs rw 0 0\n") == "tmpfs"
    assert filesystem_type(Path("/x"), "") == ""


def test_this_disk_is_local(tmp_path: Path) -> None:
    assert not is_on_network(tmp_path)
    assert {"nfs", "nfs4", "cifs", "lustre"} <= NETWORK_TYPES


def test_delete_journal_on_a_network_file_system(
    new_run: Callable[[], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path.resolve()} nfs4 rw 0 0\n")
    monkeypatch.setattr(filesystem, "_MOUNTS", mounts)
    run = new_run()
    run.append("step", "0", Usage())
    assert not (run.path / "run.db-wal").exists()
    run.close()
    connection = sqlite3.connect(run.path / events.DATABASE_NAME)
    assert connection.execute("pragma journal_mode").fetchone() == ("delete",)
    connection.close()


def test_a_run_that_moves_to_a_network_file_system_changes_its_journal(
    new_run: Callable[[], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    run.append("step", "0", Usage())
    run.close()
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path.resolve()} nfs4 rw 0 0\n")
    monkeypatch.setattr(filesystem, "_MOUNTS", mounts)
    with Run.open(run.path, write=True) as moved:
        moved.append("step", "1", Usage())
        assert not (run.path / "run.db-wal").exists()
        assert len(list(moved.events())) == 2
