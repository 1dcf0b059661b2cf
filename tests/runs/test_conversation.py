"""What a designer was asked for a candidate, and what it said, from events that were written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.errors import UnknownNameError
from autoreward.ledger import Run
from autoreward.records import Completion, Message, Prompt, Usage
from autoreward.runs.conversation import read_conversation
from autoreward.search.events import PROMPTS, REPLY, PromptSet
from tests.designer.compose.test_compose import brief
from tests.designer.env_specs import RUNNER
from tests.search.stored_run import new_run

REPLIED = Completion(
    prompt="g00c00", text="a plan", designer="openai/m", usage=Usage(calls=2), status="cut", finish_reason="length",
    model="m-1", latency=1.5, tries=2, notes=("bytes that are no text were replaced",),
)  # fmt: skip


def prompt(name: str, repair_of: str | None = None) -> Prompt:
    said = (Message(role="user", content=f"Write {name}."),)
    return Prompt(id=name, brief=brief(RUNNER, "Run."), messages=said, templates="d", repair_of=repair_of)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Two candidates were asked for; one was answered, and a repair of it was not yet."""
    with new_run(tmp_path) as run:
        run.append(PROMPTS, "g00", PromptSet(prompts=(prompt("g00c00"), prompt("g00c01"))))
        run.append(REPLY, "g00c00", REPLIED)
        run.append(PROMPTS, "g00c00r1", PromptSet(prompts=(prompt("g00c00r1", repair_of="bad"),)))
    return Run.open(run.path, write=False)


def test_the_requests_for_a_candidate_in_their_order(run: Run) -> None:
    view = read_conversation(run, "g00c00")
    assert (view.run, view.candidate) == (run.id, "g00c00")
    assert [turn.prompt for turn in view.turns] == ["g00c00", "g00c00r1"]
    assert [turn.messages[0].content for turn in view.turns] == ["Write g00c00.", "Write g00c00r1."]


def test_everything_about_a_reply_is_told(run: Run) -> None:
    answered, waiting = read_conversation(run, "g00c00").turns
    told = answered.model_dump(include=set(Completion.model_fields) - {"prompt"})
    assert told == REPLIED.model_dump(exclude={"prompt", "text"}) and answered.reply == "a plan"
    assert (waiting.reply, waiting.status, waiting.model) == ("", None, None)


@pytest.mark.parametrize("name", [None, "", "g00c07"])
def test_who_was_never_asked_for_is_unknown_and_the_others_are_named(run: Run, name: str | None) -> None:
    with pytest.raises(UnknownNameError) as caught:
        read_conversation(run, name)
    assert "g00c00" in str(caught.value) and "g00c01" in str(caught.value) and "g00c00r1" not in str(caught.value)
