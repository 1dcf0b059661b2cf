"""A button starts the command that a person would type."""

from __future__ import annotations

import sys
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any

import pytest

from autoreward.errors import RunLockedError, UsageError
from autoreward.web import starting
from autoreward.web.starting import command_of, start
from tests.search.stored_run import new_run


def test_each_button_is_a_command() -> None:
    run = Path("runs/x")
    assert command_of(run, "refine", " slower ") == ["refine", "runs/x", "slower"]
    assert command_of(run, "resume", "") == ["resume", "runs/x"]
    assert command_of(run, "revise", "wrong") == ["metric", "runs/x", "--revise", "wrong"]
    named = command_of(run, "revise", "wrong", "openai/gpt-5")
    assert named == ["metric", "runs/x", "--revise", "wrong", "--model=openai/gpt-5"]


@pytest.mark.parametrize(("what", "text"), [("refine", " "), ("revise", ""), ("delete", "x"), ("--help", "")])
def test_what_is_no_button_or_lacks_words_starts_nothing(what: str, text: str) -> None:
    with pytest.raises(UsageError):
        command_of(Path("runs/x"), what, text)


def test_it_starts_once_and_not_while_somebody_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    ended: list[str] = []
    child = SimpleNamespace(wait=lambda: 0)
    monkeypatch.setattr(starting.subprocess, "Popen", lambda command, **_: started.append(command) or child)
    with new_run(tmp_path) as run, pytest.raises(RunLockedError, match="is being worked on"):
        start(run.path, "resume", "", "", ended.append)
    start(run.path, "resume", "", "", ended.append)
    (command,) = started
    assert command[-6:] == ["autoreward", "resume", str(run.path), "--yes", "--no-input", "--quiet"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; sys.exit('No key.\\n  Set \\x1b[31mOPENAI_API_KEY.')", "No key. Set OPENAI_API_KEY."),
        ("import os; os._exit(9)", "resume has ended with exit code 9."),
        ("import sys; print('waits', file=sys.stderr); sys.exit(8)", ""),
        ("", ""),
    ],
)
def test_why_it_failed_is_told_when_it_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    monkeypatch.setattr(starting, "child_command", lambda *_: [sys.executable, "-c", code])
    with new_run(tmp_path) as run:
        run.path.joinpath(starting.LOG).write_text("of an earlier one\n")
    told: Queue[str] = Queue()
    start(run.path, "resume", "", "", told.put)
    assert told.get(timeout=60.0) == words
