"""A critic of meaning and an analyst of trajectories in a whole small search: asked, kept, shown, told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.cli.tables import remarks
from autoreward.config import load_settings
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.records import Remarks
from autoreward.search.events import REMARKS
from autoreward.views import NoteEvent
from tests.loopback import Answer, LoopbackServer, Recorded, program_for, says
from tests.search.mortal import Killed, die_before
from tests.search.test_loop import TINY

pytestmark = pytest.mark.usefixtures("warm", "model_key")


def remark(request: Recorded) -> Answer:
    text = request.body["messages"][-1]["content"]
    if "Read each program against the text" in text:
        said = {"candidate": "g00c00", "text": "No term is about the pole.", "proposal": "Pay for its angle."}
        return says(json.dumps({"remarks": [said]}))
    if "Read the tables as somebody who watches" in text:
        said = {"candidate": "g00c00", "text": "It falls after 0.4 s.", "proposal": "Pay for being upright."}
        return says(json.dumps({"remarks": [said]}))
    return program_for(request)


def search(tmp_path: Path, **changes: Any) -> tuple[Any, list[Any], list[str]]:
    events: list[Any] = []
    with LoopbackServer(default=remark) as server:
        told = {"model": "openai/scripted", "base_url": server.url, "candidates": 1, "critic": "llm", "analyst": "llm"}
        settings = load_settings({**TINY, "runs": str(tmp_path / "runs"), **told, **changes}).settings
        run = api.design(env="inverted_pendulum", task="balance", settings=settings, on_event=events.append)
        return run, events, [json.dumps(one.body) for one in server.requests]


def test_what_is_said_is_kept_shown_and_told_to_the_next_prompt(tmp_path: Path) -> None:
    run, events, requests = search(tmp_path)
    with Run.open(Path(run.folder), write=False) as opened:
        keys = [event.key for event in opened.events(REMARKS)]
        assert all(not event.record(Remarks).unread for event in opened.events(REMARKS))
    assert keys == ["g00critic", "g00analyst", "g01critic", "g01analyst"]
    first = run.candidates[0]
    assert first.status == "trained"
    assert [(one.kind, one.text) for one in first.remarks] == [
        ("meaning", "No term is about the pole."), ("trajectory", "It falls after 0.4 s."),
    ]  # fmt: skip
    (warning,) = [one for one in first.findings if one.rule == "critic.llm"]
    assert (warning.severity, warning.remedy) == ("warning", "Pay for its angle.")
    assert "g00c00 analyst: It falls after 0.4 s. Proposal: Pay for being upright." in remarks(run)
    notes = [event.text for event in events if isinstance(event, NoteEvent)]
    assert "g00c00 critic: No term is about the pole. Proposal: Pay for its angle." in notes
    told = [text for text in requests if "# What was tried" in text]
    assert told and all("Said of it, not measured: critic: No term is about the pole." in text for text in told)
    asked = [text for text in requests if "Read the tables" in text]
    assert len(asked) == 2 and "share of the 1000 steps" in asked[0] and "WEIGHTS" in asked[0]


@pytest.mark.thorough
@pytest.mark.parametrize("key", ["g00critic", "g00analyst"])
def test_killed_before_it_is_kept_it_is_read_again_and_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    with LoopbackServer(default=remark) as server:
        told = {"model": "openai/scripted", "base_url": server.url, "candidates": 1, "critic": "llm", "analyst": "llm"}
        changes = {**TINY, "runs": str(tmp_path / "runs"), **told, "generations": 1, "final_seeds": 1}
        settings = load_settings(changes).settings
        with monkeypatch.context() as patch, pytest.raises(Killed):
            die_before(patch, REMARKS, key)
            api.design(env="inverted_pendulum", task="balance", settings=settings)
        asked = len(server.requests)
        run = api.resume("last", settings=settings)
        later = [json.dumps(one.body) for one in server.requests[asked:]]
    assert len(run.candidates[0].remarks) == 2
    assert not any(("Read each program" if key == "g00critic" else "Read the tables") in text for text in later)


def test_they_are_off_unless_asked_for(tmp_path: Path) -> None:
    run, _, requests = search(tmp_path, critic="off", analyst="off", generations=1)
    assert len(requests) == 1 and run.candidates[0].remarks == ()


def test_a_dry_run_shows_their_questions(tmp_path: Path) -> None:
    told = {"model": "openai/scripted", "base_url": "http://127.0.0.1:9/v1", "critic": "llm", "analyst": "llm"}
    settings = load_settings({**TINY, **told, "candidates": 1}).settings
    plan = api.estimate(env="inverted_pendulum", task="balance", settings=settings)
    assert [prompt.id for prompt in plan.prompts] == ["g00c00", "g00critic", "g00analyst"]
    assert "(The programs of the generation stand here.)" in plan.prompts[1].messages[0].content
    assert plan.calls[0] == 2 + 2 * 2  # two generations


def test_they_need_a_language_model(tmp_path: Path) -> None:
    settings = load_settings({**TINY, "analyst": "llm", "runs": str(tmp_path)}).settings
    with pytest.raises(UsageError, match="no language model that could read"):
        api.design(env="inverted_pendulum", task="balance", settings=settings)
