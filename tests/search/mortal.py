"""A death of the process at one step of its ledger, played in the process itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoreward.environment import random_rollout
from autoreward.environment.pack import Pack
from autoreward.ledger import Run
from autoreward.ledger.events import EventLog

Step = tuple[str, str, str]  # ("event", kind, key), or ("file", path in the run, digest of what is written)


class Killed(BaseException):
    """What stands for SIGKILL: no `except Exception` catches it, and whoever goes on finds that nothing is stored."""


class Mortal:
    """Dies before the first step that it has not died at before: before each event and each file of a run in turn.

    What is on the disk before a step is what was there after the step before it, so nothing else is left to try.

    Args:
        once_a_kind: of steps that differ by numbers alone (the reply of candidate 0 and of candidate 1), it dies before
            the first one only.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, once_a_kind: bool = False) -> None:
        self.died_at: list[Step] = []
        self._once_a_kind = once_a_kind
        self._known: set[Step] = set()
        self._dead = False
        for name in ("append", "append_once"):
            monkeypatch.setattr(EventLog, name, self._append(getattr(EventLog, name)))
        monkeypatch.setattr(Run, "write_file", self._write_file(Run.write_file))
        monkeypatch.setattr(random_rollout, "random_rollout", _once_a_pack(random_rollout.random_rollout))

    def rise(self) -> None:
        """A new process."""
        self._dead = False

    def _append(self, append: Callable[..., Any]) -> Callable[..., Any]:
        def mortal(log: EventLog, kind: str, key: str, data: str) -> Any:
            self._reach(("event", kind, key))
            return append(log, kind, key, data)

        return mortal

    def _write_file(self, write_file: Callable[..., Any]) -> Callable[..., Any]:
        def mortal(run: Run, relative: str, data: bytes | str) -> Any:
            content = data.encode() if isinstance(data, str) else data
            self._reach(("file", relative, hashlib.sha256(content).hexdigest()))
            return write_file(run, relative, data)

        return mortal

    def _reach(self, step: Step) -> None:
        known = _without_numbers(step) if self._once_a_kind else step
        if not self._dead and known in self._known:
            return
        if not self._dead:
            self.died_at.append(step)
            self._known.add(known)
        self._dead = True  # whatever still runs of this sitting stores nothing more
        raise Killed(step)


def _once_a_pack(roll_out: Callable[[Pack], Any]) -> Callable[[Pack], Any]:
    """The random rollout that every sitting begins with is the same each time: it is played once."""
    played: dict[Path, Any] = {}
    return lambda pack: played[pack.folder] if pack.folder in played else played.setdefault(pack.folder, roll_out(pack))


def _without_numbers(step: Step) -> Step:
    """A step, less what tells it from its like: numbers, and what a file holds."""
    what, name, detail = step
    return what, re.sub(r"\d+", "0", name), "" if what == "file" else re.sub(r"\d+", "0", detail)


def die_before(monkeypatch: pytest.MonkeyPatch, kind: str, key: str = "") -> None:
    """Let the process die before an event of this kind, and of this key where one is given, is kept."""
    append = EventLog.append_once

    def mortal(log: EventLog, event_kind: str, event_key: str, data: str) -> Any:
        if event_kind == kind and key in ("", event_key):
            raise Killed
        return append(log, event_kind, event_key, data)

    monkeypatch.setattr(EventLog, "append_once", mortal)
