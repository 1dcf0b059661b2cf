"""A writer that is killed at any moment loses nothing that it had acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autoreward.errors import RunLockedError
from autoreward.ledger import Run

WRITER = Path(__file__).with_name("writer.py")


def _kill_after(path: Path, lines: int, spins: int) -> list[str]:
    """Lets a writer acknowledge some steps, kills it in the middle of its work, and returns all it said."""
    with subprocess.Popen([sys.executable, str(WRITER), str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(lines)]
        sum(range(spins))  # moves the kill to another instant of the work, without a clock
        writer.kill()
        said += writer.stdout.readlines()
        assert writer.wait() == -signal.SIGKILL
    return [line.strip() for line in said]


@pytest.mark.parametrize("seed", range(3))
def test_nothing_acknowledged_is_lost(new_run: Callable[[], Run], seed: int) -> None:
    moment = random.Random(seed)
    run = new_run()
    run.close()
    acknowledged = 0
    for _ in range(2):  # killed, taken over, killed again
        said = _kill_after(run.path, moment.randint(1, 30), moment.randrange(300_000))
        acknowledged = max(int(line.split()[1]) for line in said if line.startswith("event"))
        written = [int(line.split()[1]) for line in said if line.startswith("file")]
        with Run.open(run.path, write=True) as taken_over:
            numbers = [int(event.key) for event in taken_over.events("step")]
        assert numbers == list(range(1, len(numbers) + 1))
        assert acknowledged <= len(numbers) <= acknowledged + 1
        _assert_files_are_whole(run.path, written)


def _assert_files_are_whole(path: Path, written: list[int]) -> None:
    files = {file.parent.name: file.read_text() for file in path.glob("candidates/*/whole.txt")}
    for content in files.values():
        assert content == content.splitlines()[0].join(["", "\n"]) * 20_000
    newest = {number % 3: number for number in written}
    for slot, number in newest.items():
        assert int(files[str(slot)].splitlines()[0]) >= number
    assert not list(path.rglob("*.tmp"))


def test_a_live_writer_keeps_its_lock_and_a_dead_one_loses_it(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.close()
    with subprocess.Popen([sys.executable, str(WRITER), str(run.path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(RunLockedError, match=f"process {writer.pid}"):
            Run.open(run.path, write=True)
        writer.kill()
        os.waitid(os.P_PID, writer.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie now: nobody has waited for it yet
        Run.open(run.path, write=True).close()
        assert writer.wait() == -signal.SIGKILL
