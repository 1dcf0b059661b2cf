"""One request for a whole generation: cut into its programs, asked for the rest once, mended one by one, resumed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import Settings
from autoreward.ledger import Run
from autoreward.records import Candidate, Completion
from autoreward.runs.conversation import read_conversation
from autoreward.search.budget import count_spent, generation_usage
from autoreward.search.events import CANDIDATE, PROMPTS, REPLY, STARTED, PromptSet, Started
from tests.loopback import PROGRAM, Answer, LoopbackServer, Recorded, says
from tests.search.test_loop import asking, design, opened

pytestmark = pytest.mark.usefixtures("warm")

ID = re.compile(r"^- (g\d\dc\d\d): ", re.MULTILINE)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")


def messages(request: Recorded) -> list[dict[str, str]]:
    told: list[dict[str, str]] = request.body["messages"]
    return told


def asked_ids(request: Recorded) -> list[str]:
    """The ids of the programs that a request asks for."""
    return ID.findall(messages(request)[1]["content"].rpartition("Each has an angle of its own")[2])


def section(name: str, program: str = PROGRAM) -> str:
    number = f"{1 + sum(map(ord, name)) % 97 / 100 + int(name[-1]):.2f}"
    return f"## {name}\n\nIdea {name}. Expected: more.\n\n```python\n{program.replace('NUMBER', number)}```\n"


def all_of(request: Recorded) -> Answer:
    return says("\n".join(map(section, asked_ids(request))), input_tokens=700, output_tokens=90)


def together(server: LoopbackServer, tmp_path: Path, **changes: Any) -> Settings:
    return asking(server, tmp_path, ask="generation", candidates=3, **changes)


def test_one_request_a_generation_gives_every_candidate_its_own_program_and_plan(tmp_path: Path) -> None:
    with LoopbackServer(default=all_of) as server:
        view = design(together(server, tmp_path))
        requests = list(server.requests)
    assert [asked_ids(request) for request in requests] == [[f"g0{g}c0{slot}" for slot in range(3)] for g in range(2)]
    first, second = (messages(request)[0]["content"] for request in requests)
    assert first == second  # the head that a provider keeps
    assert {one.id: one.status for one in view.candidates} == {
        f"g0{g}c0{s}": "trained" for g in range(2) for s in range(3)
    }
    with opened(tmp_path) as run:
        written = {event.key: event.record(Candidate) for event in run.events(CANDIDATE)}
        spent = count_spent(run)
        assert generation_usage(run, 1).input_tokens == 700
        turns = read_conversation(run, "g01c02").turns
    assert {name: one.plan for name, one in written.items()} == {
        name: f"Idea {name}. Expected: more." for name in written
    }
    assert len({one.source for one in written.values()}) == 6
    assert (spent.calls, spent.tokens) == (2, 2 * 790)
    assert [turn.prompt for turn in turns] == ["g01all"]  # what was sent, with all that came back
    assert turns[0].reply.count("```python") == 3
    assert "Its plan: Idea g00c01." in turns[0].messages[1].content


def test_what_a_reply_lacks_is_asked_for_once_more_beside_what_is_there(tmp_path: Path) -> None:
    def reply(request: Recorded) -> Answer:
        rest = len(messages(request)) > 2
        return says(section("g00c02") if rest else section("g00c00") + section("g00c01"))

    with LoopbackServer(default=reply) as server:
        view = design(together(server, tmp_path, generations=1))
        first, second = server.requests
    assert [one.status for one in view.candidates] == ["trained"] * 3
    assert "Your answer lacks the program for g00c02." in messages(second)[-1]["content"]
    assert messages(second)[:2] == messages(first)
    assert "## g00c01" in messages(second)[2]["content"]


@pytest.mark.thorough
def test_a_reply_that_was_cut_off_keeps_its_whole_programs(tmp_path: Path) -> None:
    def reply(request: Recorded) -> Answer:
        if len(messages(request)) > 2:
            return says(section("g00c01") + section("g00c02"))
        half = section("g00c01").partition("middle")[0]
        return says(section("g00c00") + half, finish="length")

    with LoopbackServer(default=reply) as server:
        view = design(together(server, tmp_path, generations=1))
        rest = server.requests[1]
    assert [one.status for one in view.candidates] == ["trained"] * 3
    assert "g00c01, g00c02: it ran into the limit" in messages(rest)[-1]["content"]


def test_a_refused_program_is_mended_alone_and_a_missing_one_is_asked_for_alone(tmp_path: Path) -> None:
    broken = PROGRAM.replace("next_state.", "next_state.no_such_")

    def reply(request: Recorded) -> Answer:
        if "Mend exactly this" in messages(request)[-1]["content"]:
            return says(f"```python\n{PROGRAM.replace('NUMBER', '0.7')}```")
        return says(section("g00c00") + section("g00c01", broken))

    with LoopbackServer(default=reply) as server:
        view = design(together(server, tmp_path, generations=1))
        asked = len(server.requests)
    assert [one.status for one in view.candidates] == ["trained"] * 3
    assert asked == 4  # all, the rest, and two repairs
    with opened(tmp_path) as run:
        assert {event.key for event in run.events(REPLY) if "r" in event.key} == {"g00c01r1", "g00c02r1"}
        assert [event.key for event in run.events(PROMPTS)] == ["g00", "g00all", "g00all+", "g00r1"]
        attempts = {event.record(Candidate).id: event.record(Candidate) for event in run.events(CANDIDATE)}
        assert [turn.prompt for turn in read_conversation(run, "g00c01").turns] == ["g00all", "g00all+", "g00c01r1"]
    assert attempts["g00c01"].plan == "Idea g00c01. Expected: more." and attempts["g00c01"].attempts == 2


def test_a_model_that_declines_is_not_asked_for_the_rest(tmp_path: Path) -> None:
    def reply(request: Recorded) -> Answer:
        first = "g00c00" in asked_ids(request)
        return says("I would rather not.", finish="content_filter") if first else all_of(request)

    with LoopbackServer(default=reply) as server:
        view = design(together(server, tmp_path))
        assert len(server.requests) == 2
    found = {one.id: [finding.rule for finding in one.findings] for one in view.candidates if one.id.startswith("g00")}
    assert found == {f"g00c0{slot}": ["reply.refused"] for slot in range(3)}


@pytest.mark.thorough
def test_a_stored_reply_is_cut_again_and_never_asked_for_again(tmp_path: Path) -> None:
    with LoopbackServer(default=all_of) as server:
        settings = together(server, tmp_path, generations=1)
        design(settings)
        with opened(tmp_path) as run:
            whole = run.get(REPLY, "g00all", Completion)
            started, prompts = run.get(STARTED, "", Started), run.get(PROMPTS, "g00", PromptSet)
            at_once, task = run.get(PROMPTS, "g00all", PromptSet), run.task
        assert started and prompts and at_once and whole
        with Run.create(tmp_path / "again", task, settings, {}) as half:  # as a kill behind the reply leaves it
            half.append(STARTED, "", started)
            half.append(PROMPTS, "g00", prompts)
            half.append(PROMPTS, "g00all", at_once)
            half.append(REPLY, "g00all", whole)
        server.requests.clear()
        view = api.resume("last", settings=settings.model_copy(update={"runs": str(tmp_path / "again")}))
        assert server.requests == []
    assert [one.status for one in view.candidates] == ["trained"] * 3


def test_the_run_says_how_it_asks(tmp_path: Path) -> None:
    with LoopbackServer(default=all_of) as server:
        design(together(server, tmp_path, generations=1))
    with opened(tmp_path) as run:
        assert json.loads(run.settings.model_dump_json())["llm"]["ask"] == "generation"
