"""A button starts the command that a person would type."""

from __future__ import annotations

from pathlib import Path
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
    child = SimpleNamespace(wait=lambda: 0)
    monkeypatch.setattr(starting.subprocess, "Popen", lambda command, **_: started.append(command) or child)
    with new_run(tmp_path) as run, pytest.raises(RunLockedError, match="is being worked on"):
        start(run.path, "resume", "")
    start(run.path, "resume", "")
    (command,) = started
    assert command[-6:] == ["autoreward", "resume", str(run.path), "--yes", "--no-input", "--json"]
