"""Clips that are not drawn in time are said, and hold nothing up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autoreward.search import clips as module
from autoreward.search.clips import Clips


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def slow(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Clips]:
    """Clips of a machine on which drawing does not end before the search gives up waiting."""
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    monkeypatch.setattr(module, "trusted_pack", lambda run: None)
    never = threading.Event()
    run: Any = SimpleNamespace(path=tmp_path / "2026_x_k3f9", write_file=lambda *_: None)
    with Clips(run, lambda event: told.append(event.text), wanted=True) as clips:
        monkeypatch.setattr(clips, "_maker", SimpleNamespace(draw=lambda *_: never.wait(), close=never.set))
        monkeypatch.setattr(clips, "_first_episode", lambda candidate: np.zeros((2, 3)))
        yield clips


def test_what_is_left_out_is_said_once_with_the_way_to_it(slow: Clips, told: list[str]) -> None:
    slow.show("g00c00")
    slow.show("g00c01")
    slow.finish()
    slow.finish()
    (said,) = told
    assert said.startswith("2 clips not drawn within 0 s: left out.") and said.endswith("2026_x_k3f9:CANDIDATE")


def test_pictures_that_do_not_come_are_none(slow: Clips, told: list[str]) -> None:
    assert slow.stills(lambda: np.zeros((2, 3))) == ()
    assert told == ["No pictures: they were not drawn within 0 s."]
