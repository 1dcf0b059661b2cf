"""A search that is killed at any moment and resumed ends like an undisturbed one, and asks nothing twice."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loopback import LoopbackServer
from tests.search.conftest import Sitting, as_text, outcome

Sit = Callable[..., Sitting]

# In the order in which a run meets them first.
KINDS = (
    "started", "metric", "prompts", "call_started", "reply", "candidate", "verdict", "training", "analysis",
    "generation", "random", "final", "stopped",
)  # fmt: skip
MOMENTS = 10


def questions(server: LoopbackServer) -> Counter[str]:
    return Counter(request.key() for request in server.requests)


@pytest.mark.slow
def test_killed_before_and_after_every_kind_of_event(tmp_path: Path, sitting: Sit, server: LoopbackServer) -> None:
    undisturbed = sitting(tmp_path / "whole")
    assert undisturbed.returncode == 0, undisturbed.stderr
    asked_once = questions(server)
    assert set(asked_once.values()) == {1}
    server.requests.clear()
    for kind in KINDS:
        for moment in ("before", "after"):
            ended = sitting(tmp_path / "killed", moment, kind)
            assert ended.returncode == -signal.SIGKILL, (moment, kind, ended.stdout, ended.stderr)
    last = sitting(tmp_path / "killed")
    assert last.returncode == 0, last.stderr
    assert as_text(outcome(tmp_path / "killed")) == as_text(outcome(tmp_path / "whole"))
    # the one reply that had come, but was not yet stored when its run was killed, is the only one asked for again
    asked = questions(server)
    assert asked.keys() == asked_once.keys()
    assert sum(asked.values()) == len(asked_once) + 1


@pytest.mark.slow
def test_killed_at_ten_seeded_moments(tmp_path: Path, sitting: Sit, server: LoopbackServer) -> None:
    undisturbed = sitting(tmp_path / "whole")
    assert undisturbed.returncode == 0, undisturbed.stderr
    total = int(undisturbed.stdout)
    expected = as_text(outcome(tmp_path / "whole"))
    for number in sorted(random.Random(7).sample(range(1, total), MOMENTS)):
        folder = tmp_path / f"event{number}"
        ended = sitting(folder, "event", str(number))
        assert ended.returncode == -signal.SIGKILL, (number, ended.stdout, ended.stderr)
        server.requests.clear()
        stored = replies(folder)
        resumed = sitting(folder)
        assert resumed.returncode == 0, resumed.stderr
        assert as_text(outcome(folder)) == expected, number
        assert not any(stored_reply in questions(server) for stored_reply in stored)
        assert len(server.requests) + len(stored) == len(replies(folder))


def replies(folder: Path) -> set[str]:
    """Ids of the prompts whose replies are stored."""
    from autoreward.ledger import Run, list_runs

    (path,) = list_runs(folder)
    with Run.open(path, write=False) as run:
        return {event.key for event in run.events("reply")}
