"""Where people choose: what prompts hold of earlier candidates, and that no number of success is in any of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.errors import UsageError
from autoreward.ledger import list_runs
from autoreward.ledger.run import Run
from autoreward.people.preferences import preferences
from autoreward.records import Generation
from autoreward.search.events import CHANGE, GENERATION, PROMPTS, Change, PromptSet
from autoreward.search.leaderboard import read_leaderboard
from tests.loopback import Answer, LoopbackServer, Recorded, program_for, says
from tests.search.test_loop import tiny

pytestmark = pytest.mark.usefixtures("warm", "model_key")

CANARY = "31415.9 + 0.1 * mean(observation[..., 0])"  # success is 31416 or 3.1e+04 wherever it is written
LEAKS = ("31415", "31416", "31,41", "31000", "3.14", "3.1e", "e+04")
SAID = "The weight of small went from one number to another."


def answers(request: Recorded) -> Answer:
    question = request.body["messages"][0]["content"]
    return says(SAID) if question.startswith("Two reward programs") else program_for(request)


def searched(tmp_path: Path, server: LoopbackServer, **changes: Any) -> Run:
    wanted = {"select": "people", "synthetic_preferences": True, "generations": 3, "candidates": 3, **changes}
    settings = tiny(tmp_path, model="openai/scripted", base_url=server.url, **wanted)
    api.design(env="inverted_pendulum", task="balance", metric=CANARY, settings=settings)
    (path,) = list_runs(tmp_path / "runs")
    return Run.open(path, write=False)


def test_no_prompt_holds_a_number_of_success_and_the_metric_answers_for_people(tmp_path: Path) -> None:
    with LoopbackServer(default=answers) as server:
        run = searched(tmp_path, server, analyst="llm", critic="llm", generations=3)
        sent = json.dumps([request.body for request in server.requests])
    with run:
        board, told = read_leaderboard(run), preferences(run)
        stored = [prompt for event in run.events(PROMPTS) for prompt in event.record(PromptSet).prompts]
        changes = [event.record(Change) for event in run.events(CHANGE)]
        winners = [event.record(Generation).best for event in run.events(GENERATION)]
    successes = {entry.id: entry.fitness.mean for entry in board.entries if entry.fitness}
    assert len(successes) > 6 and all(31_415 < value < 31_417 for value in successes.values())
    written = [message.content for prompt in stored for message in prompt.messages]
    for text in (sent, *written):
        for leak in LEAKS:
            assert leak not in text, text[max(0, text.find(leak) - 200) :][:400]
    assert {one.by for one in told} == {"metric"} and {one.rater for one in told} == {"metric"}
    assert board.best is not None and successes[board.best.id] == max(successes.values())
    later = next(prompt for prompt in stored if prompt.id == "g02c02").messages[-1].content
    assert (
        f"## Preferred to all others: {winners[1]}" in later and "## Liked least of the last generation: g01c" in later
    )
    assert "What its terms paid a step while it trained" in later
    if winners[0] != winners[1]:
        assert [one.text for one in changes][:1] == [SAID] and f"{winners[0]} -> {winners[1]}: {SAID}" in later
    assert all(one.by == "openai/scripted" for one in changes)


def test_answering_for_people_takes_a_metric(tmp_path: Path) -> None:
    settings = tiny(tmp_path, select="people", synthetic_preferences=True)
    with pytest.raises(UsageError, match="success metric answer"):
        api.design("Stand.", env="inverted_pendulum", settings=settings)
    with pytest.raises(UsageError, match="success metric answer"):
        api.design(env="inverted_pendulum", task="balance", settings=tiny(tmp_path, synthetic_preferences=True))
