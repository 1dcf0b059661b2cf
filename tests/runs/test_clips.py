"""The clip of a candidate is drawn where it is missing, by whoever wants to see it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from autoreward.environment.clips import ClipMaker
from autoreward.errors import NoValidCandidateError, StorageError
from autoreward.ledger import Run
from autoreward.ledger.deletion import delete_run
from autoreward.ledger.recordings import write_recordings
from autoreward.recordings import MemberRecording
from autoreward.runs.clips import candidate_clip, clip_digest
from tests.search.stored_run import new_run


def test_a_clip_is_drawn_once_and_beside_a_running_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClipMaker, "draw", lambda maker, env, qpos: bytes([len(qpos)]))
    with new_run(tmp_path) as search:
        clips = {"first": np.zeros((3, 6), np.float32), "best": np.zeros((5, 6), np.float32)}
        write_recordings(search, "g00c00", [MemberRecording("g00c00", 0, clips=clips)])
        with Run.open(search.path, write=False) as run:
            assert clip_digest(run, "g00c00") is None
            assert candidate_clip(run, "g00c00").read_bytes() == b"\x03"
            assert candidate_clip(run, "g00c00", "best").read_bytes() == b"\x05"
            monkeypatch.setattr(ClipMaker, "draw", lambda maker, env, qpos: b"again")
            assert candidate_clip(run, "g00c00") == run.path / "candidates/g00c00/video.mp4"
            assert clip_digest(run, "g00c00") == hashlib.sha256(b"\x03").hexdigest()


def test_a_run_that_is_deleted_while_its_clip_is_drawn_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_run(tmp_path) as search:
        still = {"first": np.zeros((3, 6), np.float32)}
        write_recordings(search, "g00c00", [MemberRecording("g00c00", 0, clips=still)])

    def draw(*_: object) -> bytes:
        delete_run(search.path)
        return b"clip"

    monkeypatch.setattr(ClipMaker, "draw", draw)
    with Run.open(search.path, write=False) as run, pytest.raises(StorageError, match="was deleted meanwhile"):
        candidate_clip(run, "g00c00")
    assert not search.path.exists()


def test_who_never_moved_has_no_clip(tmp_path: Path) -> None:
    with new_run(tmp_path) as run, pytest.raises(NoValidCandidateError, match="no movement of g00c07"):
        candidate_clip(run, "g00c07")
