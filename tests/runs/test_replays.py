"""Replays of candidates in a run: made once, and where none can be made a search ends as usual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward.config import DesignSettings, Settings
from autoreward.errors import NoValidCandidateError, RenderingError
from autoreward.ledger import Run
from autoreward.runs import replays
from autoreward.runs.replays import candidate_replay, write_best_replay
from tests.runs.test_preferences import run
from tests.search.stored_run import add_candidate, add_training, member, new_run

__all__ = ["run"]  # the fixture


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Replays are not made; how many steps each would have had."""
    steps: list[int] = []
    monkeypatch.setattr(replays, "make_replay", lambda env, moved: steps.append(len(moved)) or b"<!doctype html>")
    return steps


def test_a_replay_is_made_once(run: Path, made: list[int]) -> None:
    with Run.open(run, write=False) as opened:
        first, second = candidate_replay(opened, "g00c01"), candidate_replay(opened, "g00c01")
        assert first == second == run / "candidates/g00c01/replay.html" and made == [3]
        with pytest.raises(NoValidCandidateError):
            candidate_replay(opened, "g00c03")
        assert write_best_replay(opened) == run / "candidates/g00c00/replay.html"


def test_a_search_ends_as_usual_where_no_replay_can_be_made(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(env: str, moved: Any) -> bytes:
        raise RenderingError("No 3-D replay: the viewer is not installed.", "pip install 'autoreward[viewer]'")

    monkeypatch.setattr(replays, "make_replay", refuse)
    with Run.open(run, write=False) as opened:
        assert write_best_replay(opened) is None
        with pytest.raises(RenderingError):
            candidate_replay(opened, "g00c01")


def test_who_wants_no_clips_gets_no_replay(tmp_path: Path, made: list[int]) -> None:
    with new_run(tmp_path, Settings(design=DesignSettings(clips=False))) as quiet:
        add_candidate(quiet, "g00c00")
        add_training(quiet, "g00", [member("g00c00", 0, 0.5)])
        assert write_best_replay(quiet) is None and made == []
