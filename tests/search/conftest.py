"""A tiny search in a process of its own, against a real server on loopback that plays the language model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autoreward import process_environment
from autoreward.ledger import Run, list_runs
from tests.loopback import Answer, LoopbackServer, Recorded, program_for, says

VICTIM = Path(__file__).with_name("victim.py")


@dataclass(frozen=True)
class Sitting:
    """How a process that worked on a run ended."""

    returncode: int
    stdout: str
    stderr: str


PAIRS = [
    {"better": {"words": "stays in the middle"}, "worse": {"words": "is at the end", "pose": {"slider": 0.8}}},
    {"better": {"words": "falls", "pose": {"hinge": [0, 1.0]}}, "worse": {"words": "stands"}},  # the metric: no
]


def pairs_or_program(request: Recorded) -> Answer:
    """Pairs where tests of meaning are asked for, else a program."""
    asked = request.body["messages"][0]["content"].startswith("A person wrote what a robot should do")
    return says(json.dumps({"pairs": PAIRS})) if asked else program_for(request)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(default=pairs_or_program) as running:
        yield running


@pytest.fixture
def sitting(server: LoopbackServer) -> Callable[..., Sitting]:
    """Works on the run in a folder until its end, or until the moment at which it is told to kill itself."""

    def work(folder: Path, *kill: str) -> Sitting:
        command = [sys.executable, str(VICTIM), str(folder), server.url, *kill]
        changes = {"OPENAI_API_KEY": "sk-test"}
        done = subprocess.run(
            command, env=process_environment.worker_environment(**changes), capture_output=True, text=True, timeout=300
        )
        return Sitting(done.returncode, done.stdout, done.stderr)

    return work


def outcome(folder: Path) -> dict[str, Any]:
    """What a run came to, without what may differ between two equal runs: times and the number of sittings."""
    (path,) = list_runs(folder)
    found: dict[str, Any] = {}
    with Run.open(path, write=False) as run:
        for event in run.events():
            if event.kind in ("stopped", "call_started", "started"):
                continue
            found[f"{event.kind}/{event.key}"] = _timeless(event.data)
        found["reward.py"] = run.read_file("best/reward.py").decode()
    return found


def _timeless(data: Any) -> Any:
    if isinstance(data, dict):
        hidden = ("seconds", "first_update_seconds", "created", "latency")
        return {key: _timeless(value) for key, value in data.items() if key not in hidden}
    return [_timeless(value) for value in data] if isinstance(data, list) else data


def as_text(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=1, sort_keys=True)


@pytest.fixture
def model_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for the server on loopback, which takes any."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")
