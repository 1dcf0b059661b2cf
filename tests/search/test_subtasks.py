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
subtask: lasts a while = max(time) > 1.5
subtask: begins = max(time) > 0.01
- `subtask: lasts to the end = max(time) > 39.9`
subtask: waves = max(arm_angle) > 1.0
"""
LATER = "\nsubtask: lasts long = max(time) > 30.0\n"


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


@pytest.mark.thorough
def test_from_the_draft_to_the_table_and_the_next_prompt(tmp_path: Path) -> None:
    events: list[Any] = []
    with LoopbackServer(default=scripted) as server:
        view = api.design("Keep the pole up.", env="inverted_pendulum", settings=asking(server, tmp_path),
                          on_event=events.append)  # fmt: skip
        revised = api.revise_metric("last", "too fast", settings=asking(server, tmp_path))
    (said,) = [event for event in events if isinstance(event, MetricEvent)]
    assert (
        "    told beside it, where it can be checked: lasts a while, begins, lasts to the end, waves"
        in metric_lines(said)
    )
    notes = [event.text for event in events if isinstance(event, NoteEvent) and "subtask" in event.text]
    assert notes[0] == ("The subtask 'begins' is left out: 100% of random episodes do it, so it is no part of a task.")
    assert notes[1].startswith("The subtask 'waves' is left out: ") and "arm_angle" in notes[1]
    shares = view.candidates[0].subtasks
    assert list(shares) == ["lasts a while", "lasts to the end"] and shares["lasts to the end"] == 0.0
    assert all(0.0 <= one.subtasks["lasts a while"] <= 1.0 for one in view.candidates)
    heads = [str(column.header) for column in candidates(view).columns]
    assert "lasts a while" in heads and "lasts to the end" in heads
    # measured anew with the metric: the parts are those of the revision
    assert [one.subtasks for one in revised.candidates] == [{"lasts long": 0.0}] * 4
    with opened(tmp_path) as run:
        compiled = {event.key: list(event.record(CompiledSubtasks).programs) for event in run.events(SUBTASKS)}
        members = [one for event in run.events(TRAINING) for one in event.record(TrainingResult).members]
        prompt = next(event.record(PromptSet) for event in run.events(PROMPTS) if event.key == "g01").prompts[0]
        assert [entry.subtasks for entry in read_leaderboard(run).entries] == [{"lasts long": 0.0}] * 4
    assert compiled == {"": list(shares), "v1": ["lasts long"]}
    assert all(list(member.subtasks) == list(shares) for member in members)
    told = prompt.messages[1].content
    assert (
        f"Of its evaluation episodes: {100 * shares['lasts a while']:.0f} % lasts a while; 0 % lasts to the end."
        in told
    )
    assert "The first that most do not do: lasts" in told
    assert "39.9" not in told  # the designer sees names, no programs


def test_a_metric_without_parts_stores_none(tmp_path: Path) -> None:
    with LoopbackServer(default=lambda request: says(SECONDS) if "You say how" in request.body["messages"][0]["content"]
                        else program_for(request)) as server:  # fmt: skip
        settings = asking(server, tmp_path)
        view = api.design("Keep the pole up.", env="inverted_pendulum", settings=settings)
    assert all(not one.subtasks for one in view.candidates)
    with opened(tmp_path) as run:
        assert not list(run.events(SUBTASKS))
