"""Who holds a run, and when a lock is worth nothing any more."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autoreward.errors import RunLockedError
from autoreward.ledger import Run
from autoreward.ledger.lock import LOCK_NAME, ProcessIdentity, RunLock, lock_holder


def _leave_lock(directory: Path, holder: ProcessIdentity) -> None:
    (directory / LOCK_NAME).write_text(json.dumps(holder.as_data()))


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    assert lock_holder(tmp_path) == ProcessIdentity.mine()
    with pytest.raises(RunLockedError, match=str(os.getpid())) as caught:
        RunLock(tmp_path)
    assert caught.value.exit_code == 10 and "notes can be added" in caught.value.remedy
    lock.release()
    assert lock_holder(tmp_path) is None
    RunLock(tmp_path).release()


@pytest.mark.parametrize("change", [{"started": "1"}, {"boot": "another boot"}, {"pid": 2**22 + 1}])
def test_a_dead_holder_is_replaced(tmp_path: Path, change: dict[str, str | int]) -> None:
    _leave_lock(tmp_path, replace(ProcessIdentity.mine(), **change))  # type: ignore[arg-type]
    assert lock_holder(tmp_path) is None
    lock = RunLock(tmp_path)
    assert lock_holder(tmp_path) == ProcessIdentity.mine()
    lock.release()


def test_a_holder_on_another_machine_counts_as_alive(tmp_path: Path) -> None:
    _leave_lock(tmp_path, replace(ProcessIdentity.mine(), host="node17", boot="another boot"))
    with pytest.raises(RunLockedError, match="on node17") as caught:
        RunLock(tmp_path)
    assert str(tmp_path / LOCK_NAME) in caught.value.remedy
    (tmp_path / LOCK_NAME).unlink()
    RunLock(tmp_path).release()


@pytest.mark.parametrize("content", [b"", b'{"pid": 12', b"\xff\xfe", b"[1]", b'{"pid": "x"}'])
def test_a_lock_that_was_never_finished_is_free(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOCK_NAME).write_bytes(content)
    assert lock_holder(tmp_path) is None
    RunLock(tmp_path).release()


def test_release_leaves_the_lock_of_another_alone(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    other = replace(ProcessIdentity.mine(), host="node17")
    _leave_lock(tmp_path, other)
    lock.release()
    assert lock_holder(tmp_path) == other


def test_a_reader_needs_no_lock(new_run: Callable[[], Run]) -> None:
    run = new_run()
    Run.open(run.path, write=False).close()
    assert lock_holder(run.path) == ProcessIdentity.mine()
