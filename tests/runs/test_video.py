"""What is said where there is no movement to draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.errors import NoValidCandidateError, UnknownNameError
from autoreward.runs.video import draw_video
from tests.search.stored_run import add_candidate, add_training, member, new_run


def test_without_a_trained_candidate_there_is_nothing_to_draw(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00", accepted=False)
    with pytest.raises(NoValidCandidateError, match="no candidate was trained"):
        draw_video(run.path, None, tmp_path / "clip.mp4", "first", None)


def test_a_candidate_without_a_recording_has_no_clip(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00")
        add_training(run, "g00", [member("g00c00", 0, 1.0)])
    with pytest.raises(NoValidCandidateError, match="no movement of g00c00 was recorded"):
        draw_video(run.path, None, tmp_path / "clip.mp4", "first", None)
    with pytest.raises(UnknownNameError, match="episode"):
        draw_video(run.path, "g00c00", tmp_path / "clip.mp4", "middle", None)
    assert not (tmp_path / "clip.mp4").exists()
