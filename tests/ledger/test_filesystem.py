"""The file system decides about the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from autoreward.ledger import Run, events
from autoreward.ledger.filesystem import NETWORK_TYPES, filesystem_type, is_on_network
from autoreward.records import Usage

MOUNTS = (("/", "ext4"), ("/home", "nfs4"), ("/home/local", "xfs"), ("/home/with space", "fuse.sshfs"))


@pytest.fixture
def mount(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the system tell of these mounts, each with its point and type, in the order in which they were made."""

    def tell(*mounts: tuple[str, str]) -> None:
        told = [SimpleNamespace(mountpoint=point, fstype=kind) for point, kind in mounts]
        monkeypatch.setattr(psutil, "disk_partitions", lambda *, all: told)

    return tell


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
def test_the_deepest_mount_counts(path: str, kind: str, mount: Callable[..., None]) -> None:
    mount(*MOUNTS)
    assert filesystem_type(Path(path)) == kind


def test_later_mounts_cover_earlier_ones(mount: Callable[..., None]) -> None:
    mount(*MOUNTS, ("/home", "tmpfs"))
    assert filesystem_type(Path("/home/x")) == "tmpfs"
    mount(("/", "rootfs"), ("/home", "nfs4"), ("/", "ext4"))
    assert filesystem_type(Path("/x")) == "ext4"


def test_a_system_that_does_not_say_is_taken_for_local(
    mount: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mount()
    assert filesystem_type(Path("/x")) == ""

    def no_list(*, all: bool) -> None:
        raise FileNotFoundError("/proc/self/mounts")

    monkeypatch.setattr(psutil, "disk_partitions", no_list)
    assert not is_on_network(Path("/x"))


def test_this_disk_is_local(tmp_path: Path) -> None:
    assert filesystem_type(tmp_path) and not is_on_network(tmp_path)
    assert {"nfs", "nfs4", "cifs", "lustre"} <= NETWORK_TYPES


def test_delete_journal_on_a_network_file_system(
    new_run: Callable[[], Run], tmp_path: Path, mount: Callable[..., None]
) -> None:
    mount((str(tmp_path.resolve()), "nfs4"))
    run = new_run()
    run.append("step", "0", Usage())
    assert not (run.path / "run.db-wal").exists()
    run.close()
    connection = sqlite3.connect(run.path / events.DATABASE_NAME)
    assert connection.execute("pragma journal_mode").fetchone() == ("delete",)
    connection.close()


def test_a_run_that_moves_to_a_network_file_system_changes_its_journal(
    new_run: Callable[[], Run], tmp_path: Path, mount: Callable[..., None]
) -> None:
    run = new_run()
    run.append("step", "0", Usage())
    run.close()
    mount((str(tmp_path.resolve()), "nfs4"))
    with Run.open(run.path, write=True) as moved:
        moved.append("step", "1", Usage())
        assert not (run.path / "run.db-wal").exists()
        assert len(list(moved.events())) == 2
