"""A search that is killed at any moment and resumed ends like an undisturbed one, and asks nothing twice."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loopback import LoopbackServer
from tests.search import victim
from tests.search.conftest import Sitting, as_text, outcome
from tests.search.mortal import Killed, Mortal

Sit = Callable[..., Sitting]

KINDS = {
    "started", "metric", "prompts", "call_started", "reply", "candidate", "verdict", "training", "analysis",
    "generation", "random", "final", "stopped", "idle_pay", "properties",
}  # fmt: skip


def questions(server: LoopbackServer) -> Counter[str]:
    return Counter(request.key() for request in server.requests)


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("once_a_kind", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_killed_before_every_event_and_every_file(
    tmp_path: Path, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, once_a_kind: bool
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    victim.work(tmp_path / "whole", server.url)
    asked_once = questions(server)
    assert set(asked_once.values()) == {1}
    server.requests.clear()
    mortal = Mortal(monkeypatch, once_a_kind)
    while ended_by_death(mortal, tmp_path / "killed", server.url):
        mortal.rise()
    assert as_text(outcome(tmp_path / "killed")) == as_text(outcome(tmp_path / "whole"))
    assert {step[1] for step in mortal.died_at if step[0] == "event"} == KINDS
    # the one reply that had come, but was not yet stored when its sitting died, is the only one asked for again
    lost = [name for what, kind, name in mortal.died_at if (what, kind) == ("event", "reply")]
    asked = questions(server)
    assert set(asked) == set(asked_once)
    assert sorted(asked.values()) == [1] * (len(asked) - len(lost)) + [2] * len(lost)


def ended_by_death(mortal: Mortal, folder: Path, url: str) -> bool:
    try:
        victim.work(folder, url)
    except Killed:
        return True
    return False


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_three_real_kills(
    tmp_path: Path, sitting: Sit, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a reply, in the middle of a training, and before the last measurement becomes durable."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    victim.work(tmp_path / "whole", server.url)  # undisturbed
    asked_once = questions(server)
    server.requests.clear()
    for kill in (("after", "reply"), ("stage", "training"), ("before", "final")):
        ended = sitting(tmp_path / "killed", *kill)
        assert ended.returncode == -signal.SIGKILL, (kill, ended.stdout, ended.stderr)
    last = sitting(tmp_path / "killed")
    assert last.returncode == 0, last.stderr
    assert as_text(outcome(tmp_path / "killed")) == as_text(outcome(tmp_path / "whole"))
    assert questions(server) == asked_once
