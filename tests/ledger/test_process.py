"""Who a process is: it stays the same while it lives, and no later one is taken for it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from autoreward.ledger.lock import ProcessIdentity


def test_a_dead_process_is_not_alive() -> None:
    mine = ProcessIdentity.mine()
    assert mine.is_alive() and not mine.is_elsewhere()
    assert ProcessIdentity.from_data(mine.as_data()) == mine
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is a zombie until waited for
        assert not replace(mine, pid=child.pid).is_alive()


@pytest.mark.parametrize("pid", [-1, 2**22 + 1, 2**70])
def test_a_number_that_no_process_has_is_not_alive(pid: int) -> None:
    assert not replace(ProcessIdentity.mine(), pid=pid).is_alive()


def test_the_start_is_the_one_that_the_kernel_counts() -> None:
    """Locks of earlier versions hold field 22 of /proc/PID/stat: who holds one is still known."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()  # from field 3 on
    assert ProcessIdentity.mine().started == fields[22 - 3]


def test_a_clock_that_is_set_changes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ProcessIdentity.mine()
    booted = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: booted + 3600.0)
    assert psutil.Process().create_time() > booted + 3600.0
    assert ProcessIdentity.mine() == before
    assert before.is_alive()


def test_a_process_that_may_not_be_looked_at_counts_as_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int) -> None:
        raise psutil.AccessDenied(pid)

    mine = ProcessIdentity.mine()
    monkeypatch.setattr(psutil, "Process", refuse)
    assert mine.is_alive()
    assert not replace(mine, boot="another boot").is_alive()
