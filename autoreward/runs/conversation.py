"""Reads from a run what its designer was asked for a candidate, and what it said."""

from __future__ import annotations

from autoreward.errors import UnknownNameError
from autoreward.ledger import Run
from autoreward.records import Completion, Prompt
from autoreward.search.events import REPLY
from autoreward.search.together import asked_candidates, sent_prompts
from autoreward.views import ConversationView, TurnView


def read_conversation(run: Run, candidate: str | None) -> ConversationView:
    """The requests for a candidate in the order in which they were made.

    Raises:
        UnknownNameError: no candidate is named, or nothing was asked for it.
    """
    prompts = sent_prompts(run, candidate or "")
    if not prompts:
        raise UnknownNameError("candidate that a designer was asked for", candidate or "", asked_candidates(run))
    assert candidate is not None, "something was asked for it"
    return ConversationView(run=run.id, candidate=candidate, turns=tuple(_turn(run, prompt) for prompt in prompts))


def _turn(run: Run, prompt: Prompt) -> TurnView:
    reply = run.get(REPLY, prompt.id, Completion)
    if reply is None:
        return TurnView(prompt=prompt.id, messages=prompt.messages)
    return TurnView(
        prompt=prompt.id,
        messages=prompt.messages,
        status=reply.status,
        reply=reply.text,
        designer=reply.designer,
        model=reply.model,
        finish_reason=reply.finish_reason,
        latency=reply.latency,
        tries=reply.tries,
        usage=reply.usage,
        notes=reply.notes,
    )
