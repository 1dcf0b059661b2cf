"""Many checks in a row leave no process, no descriptor and no growing memory."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import psutil
import pytest

from autoreward.critic import check
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import ROBOT, transitions

BATCH, WARM = 5, 10
MIB = 1 << 20
PROGRAM = """
WEIGHTS = {"a": NUMBER}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
"""
ENDED = PROGRAM.replace("action[..., 0]", "action[..., 17]")  # raises in its child
FILES = (*[(PROGRAM, "accepted")] * 4, (ENDED, "refused"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("checks", [15, pytest.param(500, marks=pytest.mark.thorough)])
def test_nothing_is_left_behind(checks: int) -> None:
    rows = transitions(4)
    gc.collect()  # what earlier tests of this process have left to it
    before = _state()
    with Sandbox() as sandbox:
        for first in range(0, checks, BATCH):
            if first == WARM:
                settled, open_then = _memory(sandbox), _state()[0]
            chosen = [FILES[number % len(FILES)] for number in range(first, first + BATCH)]
            files = [
                (str(place), text.replace("NUMBER", f"{first + place}.5")) for place, (text, _) in enumerate(chosen)
            ]
            statuses = [verdict.status for verdict in check(files, ROBOT, rows, sandbox)]
            assert statuses == [status for _, status in chosen]
        server = psutil.Process(sandbox._children.server.pid)
        assert server.children(recursive=True) == []
        assert _state()[0] == open_then
        grown = {name: size - settled[name] for name, size in _memory(sandbox).items()}
        assert grown["server"] < 8 * MIB, grown
        assert grown["controller"] < 64 * MIB, grown  # the allocator of XLA keeps some of what inspection used
    assert _state() == before
    assert not server.is_running()


def _state() -> tuple[list[str], int]:
    """Open descriptors and children of this process."""
    open_now = sorted(str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())
    return [name for name in open_now if not name.startswith("/proc/")], len(psutil.Process(os.getpid()).children())


def _memory(sandbox: Sandbox) -> dict[str, int]:
    """Resident memory [bytes]."""
    server = psutil.Process(sandbox._children.server.pid)
    return {"controller": psutil.Process().memory_info().rss, "server": server.memory_info().rss}
