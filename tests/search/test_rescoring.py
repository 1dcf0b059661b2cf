"""Policies are played again to be measured anew; that they move as before is looked at, and that they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.errors import StorageError
from autoreward.ledger import Run
from autoreward.views import NoteEvent
from tests.loopback import LoopbackServer
from tests.search.test_metric_revision import TEXT, WRONG, asking, opened, scripted

pytestmark = pytest.mark.usefixtures("warm", "model_key")


@pytest.mark.thorough
def test_an_episode_that_differs_from_what_was_recorded_is_said(tmp_path: Path) -> None:
    events: list[Any] = []
    with LoopbackServer(default=scripted) as server:
        settings = asking(server, tmp_path, generations=1, candidates=1)
        made = api.design(TEXT, env="inverted_pendulum", settings=settings)
        with Run.open(Path(made.folder), write=True) as run:
            clips = run.read_arrays("candidates/g00c00/clip.npz")
            clips["g00c00/0/clip/first"] = clips["g00c00/0/clip/first"] + 1e-6
            run.write_arrays("candidates/g00c00/clip.npz", clips)
        api.revise_metric("last", WRONG, settings=settings, on_event=events.append)
    notes = [event.text for event in events if isinstance(event, NoteEvent) and "played again" in event.text]
    assert len(notes) == 1 and notes[0].startswith("g00: played again, g00c00 (seed 0) moved in another way")


def test_policies_that_are_not_kept_are_named(tmp_path: Path) -> None:
    with LoopbackServer(default=scripted) as server:
        settings = asking(server, tmp_path, generations=1, candidates=1)
        made = api.design(TEXT, env="inverted_pendulum", settings=settings)
        (Path(made.folder) / "candidates/g00c00/policy.npz").unlink()
        with pytest.raises(StorageError, match="g00c00"):
            api.revise_metric("last", WRONG, settings=settings)
    with opened(tmp_path) as run:
        assert run.metric_version == 0  # it is measured as before
