"""Parts of a task are written with its metric, checked like it, told beside success, and measured anew with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.cli.metric import metric_lines
from autoreward.cli.tables import candidates
from autoreward.config import Settings, load_settings
from autoreward.ledger import Run, list_runs
from autoreward.records import CompiledSubtasks, TrainingResult
from autoreward.search.events import PROMPTS, SUBTASKS, TRAINING, PromptSet
from autoreward.search.leaderboard import read_leaderboard
from autoreward.views import MetricEvent, NoteEvent
from tests.loopback import Answer, LoopbackServer, Recorded, program_for, says
from tests.search.test_loop import TINY
from tests.search.test_metric_choice import SECONDS
from tests.search.test_metric_revision import SLOW

pytestmark = pytest.mark.usefixtures("warm", "model_key")

PARTS = """
subtask: lasts a moment = max(time) > 0.01
- `subtask: lasts to the end = max(time) > 39.9`
subtask: waves = max(arm_angle) > 1.0
"""
LATER = "\nsubtask: stays slow = max(abs(cart_velocity)) < 1000.0\n"


def scripted(request: Recorded) -> Answer:
    system, *_, last = [message["content"] for message in request.body["messages"]]
    if not system.startswith("You say how success is measured"):
        return program_for(request)
    return says(SLOW + LATER if "says what is wrong" in last else SECONDS + PARTS)


def asking(server: LoopbackServer, tmp_path: Path) -> Settings:
    told = {"model": "openai/scripted", "base_url": server.url, "metric_drafts": 1, "parallel_requests": 1}
    return load_settings({**TINY, "runs": str(tmp_path / "runs"), **told}).settings


def opened(tmp_path: Path) -> Run:
    (path,) = list_runs(tmp_path / "runs")
    return Run.open(path, write=False)


def test_from_the_draft_to_the_table_and_the_next_prompt(tmp_path: Path) -> None:
    events: list[Any] = []
    with LoopbackServer(default=scripted) as server:
        view = api.design("Keep the pole up.", env="inverted_pendulum", settings=asking(server, tmp_path),
                          on_event=events.append)  # fmt: skip
        revised = api.revise_metric("last", "too fast", settings=asking(server, tmp_path))
    (said,) = [event for event in events if isinstance(event, MetricEvent)]
    assert "    told beside it: lasts a moment, lasts to the end, waves" in metric_lines(said)
    (note,) = [event.text for event in events if isinstance(event, NoteEvent) and "subtask" in event.text]
    assert note.startswith("The subtask 'waves' is left out: ") and "arm_angle" in note
    shares = {"lasts a moment": 1.0, "lasts to the end": 0.0}
    assert [one.subtasks for one in view.candidates] == [shares] * 4
    heads = [str(column.header) for column in candidates(view).columns]
    assert "lasts a moment" in heads and "lasts to the end" in heads
    # measured anew with the metric: the parts are those of the revision
    assert [one.subtasks for one in revised.candidates] == [{"stays slow": 1.0}] * 4
    with opened(tmp_path) as run:
        compiled = {event.key: list(event.record(CompiledSubtasks).programs) for event in run.events(SUBTASKS)}
        members = [one for event in run.events(TRAINING) for one in event.record(TrainingResult).members]
        prompt = next(event.record(PromptSet) for event in run.events(PROMPTS) if event.key == "g01").prompts[0]
        assert [entry.subtasks for entry in read_leaderboard(run).entries] == [{"stays slow": 1.0}] * 4
    assert compiled == {"": list(shares), "v1": ["stays slow"]}
    assert all(dict(member.subtasks) == shares for member in members)
    told = prompt.messages[1].content
    assert "Of its evaluation episodes: 100 % lasts a moment; 0 % lasts to the end." in told
    assert "The first that most do not do: lasts to the end" in told
    assert "39.9" not in told  # the designer sees names, no programs


def test_a_metric_without_parts_stores_none(tmp_path: Path) -> None:
    with LoopbackServer(default=lambda request: says(SECONDS) if "You say how" in request.body["messages"][0]["content"]
                        else program_for(request)) as server:  # fmt: skip
        settings = asking(server, tmp_path)
        view = api.design("Keep the pole up.", env="inverted_pendulum", settings=settings)
    assert all(not one.subtasks for one in view.candidates)
    with opened(tmp_path) as run:
        assert not list(run.events(SUBTASKS))
