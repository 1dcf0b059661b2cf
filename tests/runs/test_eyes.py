"""A model that looks at frames answers pairs like a person, and is marked as a model."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward import api
from autoreward.config import Settings, load_settings
from autoreward.environment.clips import ClipMaker
from autoreward.environment.stills import encode_stills
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.run import PREFERENCE
from autoreward.people.preferences import preferences
from autoreward.search.budget import count_spent
from tests.loopback import Answer, LoopbackServer, Recorded, images_of, says
from tests.runs.test_preferences import NAMES, run
from tests.search.mortal import Killed, die_before

__all__ = ["run"]  # the fixture

LEFT = json.dumps({"A": "walks", "B": "falls", "better": "A", "why": "it stays up"})


@pytest.fixture(autouse=True)
def _looked_at(monkeypatch: pytest.MonkeyPatch, model_key: None, tmp_path: Path) -> None:
    def draw(maker: ClipMaker, env: str, movement: np.ndarray, suffix: str = ".mp4") -> bytes:
        encode_stills(tmp_path / "stills", iter(np.full((len(movement), 60, 200, 3), 90, np.uint8)), Fraction(4))
        return (tmp_path / "stills").read_bytes()

    monkeypatch.setattr(ClipMaker, "draw", draw)
    monkeypatch.setattr("autoreward.runs.eyes.trusted_pack", lambda run: "hopper")


@pytest.fixture
def model_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")


def told(server: LoopbackServer) -> Settings:
    return load_settings({"base_url": server.url}).settings


def look(run: Path, server: LoopbackServer) -> list[Any]:
    views: list[Any] = []
    assert api.prefer_by_model(str(run), "openai/eyes", on_answer=views.append, settings=told(server)) == len(views)
    return views


def test_it_answers_every_pair_from_frames_alone_and_is_marked(run: Path) -> None:
    with LoopbackServer(default=says(LEFT)) as server:
        views = look(run, server)
        assert look(run, server) == [], "nothing is left"
        requests = [one.body for one in server.requests]
    assert len(views) == len(requests) == 2 and {view.rater for view in views} == {"vlm:openai:eyes"}
    with Run.open(run, write=False) as opened:
        stored, spent = preferences(opened), count_spent(opened)
    assert {one.by for one in stored} == {"model"} and {one.reasons for one in stored} == {("it stays up",)}
    assert all(one.preferred == one.shown[0] for one in stored), "A stood on the left"
    assert spent.calls == 2 and spent.tokens == 300
    for body in requests:
        assert len(images_of(body)) == 6, "three frames of each"
        words = body["messages"][0]["content"][0]["text"]
        assert "You see 6 pictures" in words and "Run forward." in words
        assert not any(name in json.dumps(body["messages"]) for name in (*NAMES, "success"))


def test_an_answer_that_cannot_be_read_stores_nothing_and_is_asked_for_again(run: Path) -> None:
    def answer(request: Recorded) -> Answer:
        return says("I like both." if len(server.requests) == 1 else LEFT)

    with LoopbackServer(default=answer) as server:
        with pytest.raises(UsageError, match="names neither A nor B"):
            look(run, server)
        with Run.open(run, write=False) as opened:
            assert preferences(opened) == []
        assert len(look(run, server)) == 2
        assert len(server.requests) == 3


def test_a_reply_that_was_paid_for_is_not_asked_for_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackServer(default=says(LEFT)) as server:
        with monkeypatch.context() as patch, pytest.raises(Killed):
            die_before(patch, PREFERENCE)
            look(run, server)
        assert len(server.requests) == 1
        assert len(look(run, server)) == 2 and len(server.requests) == 2


def test_what_is_no_language_model_has_no_eyes(run: Path) -> None:
    for model in ("compose", "", "manual"):
        with pytest.raises(UsageError, match="no language model"):
            api.prefer_by_model(str(run), model)
