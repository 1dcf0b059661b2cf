"""A person's answer to the questions of the `manual` designer, given from outside the run."""

from __future__ import annotations

from pathlib import Path

from autoreward.designer.manual import put_reply, question_file
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.llm.resolve import MANUAL
from autoreward.records import Completion, Prompt
from autoreward.search.events import PROMPTS, REPLY, STARTED, PromptSet, Started
from autoreward.views import ReplyView


def give_reply(folder: Path, text: str) -> ReplyView:
    """Keep an answer for the round that a run waits with; any process may, the run need not be running.

    Raises:
        UsageError: the run waits for nobody, or the answer lacks a program.
        StorageError: the run folder cannot be written.
    """
    with Run.open(folder, write=False) as run:
        prompts = _waited_for(run)
        if not prompts:
            raise UsageError(
                f"Run {run.id} does not wait for a reply.", "Only runs of `design --model manual` do, between rounds."
            )
        path = put_reply(run.path, prompts, text)
        return ReplyView(
            run=run.id,
            question=str(question_file(run.path, prompts)),
            file=str(path),
            candidates=tuple(prompt.id for prompt in prompts),
        )


def _waited_for(run: Run) -> list[Prompt]:
    """The prompts of the newest round that have no reply yet."""
    started = run.get(STARTED, "", Started)
    if started is None or started.designer != MANUAL:
        return []
    rounds = [event.record(PromptSet).prompts for event in run.events(PROMPTS)]
    newest = rounds[-1] if rounds else ()
    return [prompt for prompt in newest if run.get(REPLY, prompt.id, Completion) is None]
