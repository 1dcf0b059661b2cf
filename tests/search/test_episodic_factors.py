"""The first program of a search by `--combine episodic`: five drafts, one summary of them, and its repairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import Settings, load_settings
from autoreward.ledger import Run, list_runs
from autoreward.records import Candidate, Verdict
from autoreward.search.episodic_factors import wants_factors
from autoreward.search.events import CANDIDATE, PROMPTS, REPLY, VERDICT, PromptSet
from tests.loopback import Answer, LoopbackServer, Recorded, program_for, says
from tests.search.test_loop import TINY

pytestmark = pytest.mark.usefixtures("warm", "model_key")
WRONG = """```python
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": b}
```"""


def question(request: Recorded) -> str:
    return str(request.body["messages"][-1]["content"])


def scripted(request: Recorded) -> Answer:
    """The first summary does not pass the critic, its repair does."""
    return says(WRONG) if "Make one program of them." in question(request) else program_for(request)


def asking(server: LoopbackServer, tmp_path: Path, **changes: Any) -> Settings:
    told = {"model": "openai/scripted", "base_url": server.url, "parallel_requests": 1, "combine": "episodic"}
    return load_settings({**TINY, "runs": str(tmp_path / "runs"), **told, **changes}).settings


def test_from_drafts_to_a_candidate_and_the_same_after_a_resume(tmp_path: Path) -> None:
    with LoopbackServer(default=scripted) as server:
        settings = asking(server, tmp_path)
        view = api.design(env="inverted_pendulum", task="balance", settings=settings)
        asked = list(server.requests)
        again = api.resume("last", settings=settings)
        assert len(server.requests) == len(asked)
    assert again.candidates == view.candidates
    drafts = [
        one for one in asked if question(one).startswith("Task:") and "Write the terms from which" in question(one)
    ]
    summary = [one for one in drafts if "# Drafts" in question(one)]
    assert (len(drafts), len(summary)) == (6, 1)
    assert summary[0].body["temperature"] == 0.3
    assert all("temperature" not in one.body for one in asked if one is not summary[0])
    assert question(summary[0]).count("```python") == 5
    assert (
        "a function of your terms is fitted to what whole episodes come to" in drafts[0].body["messages"][0]["content"]
    )
    (path,) = list_runs(tmp_path / "runs")
    with Run.open(path, write=False) as run:
        assert [event.key for event in run.events(REPLY)][:7] == [
            "f01", "f02", "f03", "f04", "f05", "g00c00", "g00c00r1",
        ]  # fmt: skip
        verdicts = {event.key: event.record(Verdict).status for event in run.events(VERDICT)}
        assert (verdicts["g00c00"], verdicts["g00c00r1"]) == ("refused", "accepted")
        made = [event.record(Candidate).id for event in run.events(CANDIDATE)]
        assert made.count("g00c00") == 2 and made.count("g00c01") == 1
        first = run.get(PROMPTS, "g00", PromptSet)
        assert first is not None and [prompt.id for prompt in first.prompts] == ["g00c01"]
    assert view.spent.calls == len(asked) == 5 + 2 + 1 + 2
    # too few steps to learn from: it is said, where a candidate is shown and where it is exported
    shown = api.show("last:g00c00", settings=settings)
    assert shown.learned == "--combine episodic: nothing was learned, the weights of the program were paid."
    provenance = json.loads((path / "best" / "PROVENANCE.json").read_text(encoding="utf-8"))
    assert provenance["combination"] == {"combine": "episodic", "learned": False, "seed": None, "required": {}}


def test_the_calls_are_told_before_a_run_is_made(tmp_path: Path) -> None:
    with LoopbackServer(default=scripted) as server:
        plan = api.estimate(None, env="inverted_pendulum", task="balance", settings=asking(server, tmp_path))
        without = asking(server, tmp_path, factor_drafts=0)
        less = api.estimate(None, env="inverted_pendulum", task="balance", settings=without)
        assert server.requests == []
    assert [prompt.id for prompt in plan.prompts][:6] == ["f01", "f02", "f03", "f04", "f05", "g00c00"]
    assert (plan.calls[0] - less.calls[0], plan.calls[1] - less.calls[1]) == (5, 5 + 5 - TINY.get("repairs", 2))
    assert plan.input_tokens[0] > less.input_tokens[0]


def test_who_drafts() -> None:
    design = load_settings({"combine": "episodic"}).settings.design
    assert wants_factors(design, True, 0, 0)
    assert not wants_factors(design, False, 0, 0)  # the embedded designer
    assert not wants_factors(design, True, 1, 0)
    assert not wants_factors(load_settings({"combine": "aligned"}).settings.design, True, 0, 0)
    assert not wants_factors(load_settings({"combine": "episodic", "factor_drafts": 0}).settings.design, True, 0, 0)
