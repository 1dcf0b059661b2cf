"""Readers whose server fails: the run goes on without them, says whose words are missing and why, and asks no more."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import load_settings
from autoreward.environment.clips import ClipMaker
from autoreward.errors import BudgetReachedError, UsageError
from autoreward.ledger import Run
from autoreward.records import Remarks, WitnessReport
from autoreward.search.events import FINAL, REMARKS, WITNESS
from autoreward.search.readers import remedy_of
from autoreward.views import NoteEvent, ProgressEvent
from tests.loopback import Answer, LoopbackServer, Recorded, fails, hangs, program_for, refuses, says, truncated
from tests.search.mortal import Killed, die_before
from tests.search.test_loop import TINY
from tests.search.test_witness import draw

pytestmark = pytest.mark.usefixtures("warm", "model_key")

BLIND = refuses("image_url is only supported by certain models")
ONE = {"candidates": 1, "generations": 1, "final_seeds": 1}
CRITIC, ANALYST = "Read each program against the text", "Read the tables as somebody who watches"


def reader_of(request: Recorded) -> str:
    """Who asks."""
    text = str(request.body["messages"])
    if request.body["model"] == "eyes":
        return "judge"
    return "critic" if CRITIC in text else "analyst" if ANALYST in text else ""


def answering(**readers: Answer) -> Any:
    return lambda request: readers.get(reader_of(request)) or program_for(request)


def told(server: LoopbackServer, tmp_path: Path, **changes: Any) -> Any:
    usual = {"model": "openai/scripted", "base_url": server.url, "critic": "llm", "analyst": "llm", **ONE}
    return load_settings({**TINY, "runs": str(tmp_path / "runs"), **usual, **changes}).settings


def notes_of(events: list[Any]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, NoteEvent))


@pytest.mark.parametrize(
    ("critic", "analyst", "judge", "said"),
    [
        pytest.param(fails(404), fails(401), fails(404),
            ["status 404: as ordered", "status 401: as ordered", "slash in --judge"], marks=pytest.mark.thorough),
        (refuses("no"), says("{", finish="length"), BLIND, ["status 400: no", "leave --critic llm out", "(cut)",
            "image_url is only supported by certain models. Choose a model that reads images with --judge."]),
        pytest.param(truncated(), fails(500), hangs(), ["in the middle of the reply", "status 500: as ordered",
            "longer than the limit", "llm.reader_patience=2.5"], marks=pytest.mark.thorough),
    ],
)  # fmt: skip
def test_whatever_their_server_answers_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, critic: Answer, analyst: Answer, judge: Answer, said: list[str]
) -> None:
    monkeypatch.setattr(ClipMaker, "draw", lambda *a: draw(*a, folder=tmp_path))
    events: list[Any] = []
    with LoopbackServer(default=answering(critic=critic, analyst=analyst, judge=judge)) as server:
        settings = told(server, tmp_path, judge="openai/eyes", clips=True, reader_patience=0.5)
        run = api.design(env="inverted_pendulum", task="balance", settings=settings, on_event=events.append)
    assert run.status == "done" and run.best is not None
    notes = notes_of(events)
    for words in (*said, "The critic of generation 0 said nothing: ", "The analyst of generation 0 said nothing: "):
        assert words in notes
    assert "The witness openai/eyes says nothing of g00c00: " in notes and "resume" not in notes


@pytest.mark.thorough
def test_a_resume_asks_no_reader_again_that_said_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClipMaker, "draw", lambda *a: draw(*a, folder=tmp_path))
    gone = fails(404)
    with LoopbackServer(default=answering(critic=gone, analyst=gone, judge=gone)) as server:
        settings = told(server, tmp_path, judge="openai/eyes", clips=True)
        with monkeypatch.context() as patch, pytest.raises(Killed):
            die_before(patch, FINAL)
            api.design(env="inverted_pendulum", task="balance", settings=settings)
        asked = len(server.requests)
        run = api.resume("last", settings=settings)
        assert len(server.requests) == asked
    assert run.status == "done" and run.best is not None
    with Run.open(Path(run.folder), write=False) as opened:
        silent = [event.record(Remarks).unread for event in opened.events(REMARKS)]
        silent += [event.record(WitnessReport).unread for event in opened.events(WITNESS)]
    assert len(silent) == 3 and all("status 404: as ordered" in unread for unread in silent)


def test_while_it_waits_for_a_failing_reader_it_says_so(tmp_path: Path) -> None:
    events: list[Any] = []
    with LoopbackServer(default=answering(critic=fails(500))) as server:
        settings = told(server, tmp_path, analyst="off", reader_patience=1.5)
        api.design(env="inverted_pendulum", task="balance", settings=settings, on_event=events.append)
        asked = [reader_of(request) for request in server.requests].count("critic")
    stages = [event.stage for event in events if isinstance(event, ProgressEvent)]
    assert 2 <= asked <= 4
    assert sum("status 500: as ordered; next try in" in stage for stage in stages) == asked - 1


def test_a_budget_that_does_not_hold_a_reader_ends_the_run(tmp_path: Path) -> None:
    def answer(request: Recorded) -> Answer:
        return dataclasses.replace(program_for(request), input_tokens=39_000)

    with LoopbackServer(default=answer) as server:
        settings = told(server, tmp_path, max_tokens=40_000, max_output_tokens=1024)
        with pytest.raises(BudgetReachedError, match="does not hold the next request"):
            api.design(env="inverted_pendulum", task="balance", settings=settings)
        assert [reader_of(request) for request in server.requests] == [""]


def test_where_people_choose_it_is_said_that_the_judge_is_not_asked(tmp_path: Path) -> None:
    events: list[Any] = []
    with LoopbackServer(default=program_for) as server:
        settings = told(server, tmp_path, critic="off", analyst="off", select="people", judge="openai/eyes")
        api.design("Stand.", env="inverted_pendulum", settings=settings, on_event=events.append)
        plan = api.estimate("Stand.", env="inverted_pendulum", settings=settings)
        assert "judge" not in map(reader_of, server.requests)
    assert notes_of(events).count("--judge openai/eyes is not asked: there is no success metric") == 1
    assert not any("witness" in prompt.id for prompt in plan.prompts)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "openai/scripted", "judge": "compose"}, "--judge compose: it is no language model"),
        ({"model": "openai/scripted", "judge": ""}, "--judge '': it is no language model"),
        ({"critic": "llm"}, "compose is no language model that could read"),
        ({"analyst": "llm"}, "compose is no language model that could read"),
    ],
)
def test_what_a_run_refuses_a_dry_run_refuses_too(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    settings = load_settings({**TINY, "runs": str(tmp_path), "base_url": "http://127.0.0.1:9/v1", **changes}).settings
    for ask in (api.design, api.estimate):
        with pytest.raises(UsageError, match=words):
            ask(env="inverted_pendulum", task="balance", settings=settings)


def test_a_remedy_names_the_option_of_its_reader() -> None:
    assert remedy_of("Choose another with --model.", "--judge") == "Choose another with --judge."
    assert remedy_of("Set it, or use --model compose, which needs none.", "--judge") == "Set it, or leave --judge out."
    assert remedy_of("Choose another with --model.", "--model") == "Choose another with --model."
