"""`--ask generation`: one call asks for all programs of a generation, and one more for what its reply lacks.

    g02all    the question for all, and its reply with what it cost
    g02all+   the question for the rest, where the first reply lacks programs
    g02c05    what of these belongs to one candidate: a reply like any other, that cost nothing more

A stored reply is cut into the same parts again, so a kill between two of them loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from autoreward.designer.prompts import AGAIN, render_rest, render_together, shortened
from autoreward.designer.sections import split_reply
from autoreward.ledger import Run
from autoreward.records import Completion, Prompt, Usage
from autoreward.search.events import PROMPTS, REPLY, PromptSet
from autoreward.search.session import Session

ALL = "all"  # ends the id of a prompt that asks for a whole generation
HOLDS_PROGRAMS = ("answered", "cut")


def asked_together(session: Session, prompts: Sequence[Prompt]) -> bool:
    """Whether these prompts are asked by one call: several of a generation, no repairs and no drafts of a metric."""
    one_call = session.settings.llm.ask == "generation" and session.designer.is_llm
    of_candidates = prompts[0].id.startswith("g")
    return one_call and of_candidates and len(prompts) > 1 and prompts[0].repair_of is None


def together_id(generation: int) -> str:
    """The id of the prompt that asks for all of a generation."""
    return f"g{generation:02d}{ALL}"


def sent_prompts(run: Run, candidate: str) -> list[Prompt]:
    """The prompts that were sent for a candidate, repairs included, in the order in which they were written.

    Of a generation that was asked at once these are the prompts for all; those of one program were never sent.
    """
    prompts = [prompt for event in run.events(PROMPTS) for prompt in event.record(PromptSet).prompts]
    generation = candidate.partition("c")[0]
    at_once = [prompt for prompt in prompts if prompt.id.removesuffix(AGAIN) == f"{generation}{ALL}"]
    sent = [prompt for prompt in prompts if prompt.id.removesuffix(AGAIN).partition("r")[0] == candidate]
    if not sent or not at_once:
        return sent
    return [*at_once, *(prompt for prompt in sent if prompt.repair_of is not None)]


def asked_candidates(run: Run) -> list[str]:
    """The candidates that a designer was asked for."""
    names = {prompt.id for event in run.events(PROMPTS) for prompt in event.record(PromptSet).prompts}
    return sorted({name.removesuffix(AGAIN).partition("r")[0] for name in names if ALL not in name})


def answer_together(
    session: Session, prompts: Sequence[Prompt], reply: Callable[[Session, Prompt], Completion]
) -> None:
    """Store a reply to each prompt, out of one answer to all and one to what that lacks.

    Args:
        prompts: all of a generation.
        reply: asks a prompt once and for all; see `candidates.ask`.
    """
    name = together_id(prompts[0].reward_brief.generation)
    first = _once(session, name, lambda: (render_together(prompts, name),))[0]
    answer = reply(session, first)
    missing = _store_parts(session, answer, prompts)
    render = partial(_ask_again, first, answer, missing, prompts)
    for again in _once(session, f"{name}{AGAIN}", render) if missing else ():
        answer = reply(session, again)
        missing = _store_parts(session, answer, missing)
    for prompt in missing:
        _store(session, prompt, answer, "" if answer.status in HOLDS_PROGRAMS else answer.text)


def _once(session: Session, key: str, render: Callable[[], tuple[Prompt, ...]]) -> tuple[Prompt, ...]:
    return session.run.once(PROMPTS, key, PromptSet, lambda: PromptSet(prompts=render())).prompts


def _ask_again(
    first: Prompt, answer: Completion, missing: Sequence[Prompt], prompts: Sequence[Prompt]
) -> tuple[Prompt, ...]:
    """The one prompt for the rest; none where asking again is of no use."""
    if answer.status in HOLDS_PROGRAMS:
        written = len(missing) < len(prompts)
        return (render_rest(first, answer, [prompt.id for prompt in missing], written),)
    shorter = [shortened(prompt) for prompt in prompts] if answer.status == "too_long" else []
    known = [prompt for prompt in shorter if prompt is not None]
    return (render_together(known, f"{first.id}{AGAIN}"),) if known else ()


def _store_parts(session: Session, answer: Completion, prompts: Sequence[Prompt]) -> list[Prompt]:
    """Store what an answer holds for each prompt; those for which it holds no program."""
    ids = [prompt.id for prompt in prompts]
    parts = split_reply(answer.text, ids, answer.status == "cut") if answer.status in HOLDS_PROGRAMS else {}
    for prompt in prompts:
        if prompt.id in parts:
            _store(session, prompt, answer, parts[prompt.id])
    return [prompt for prompt in prompts if prompt.id not in parts]


def _store(session: Session, prompt: Prompt, answer: Completion, text: str) -> None:
    """A part of an answer as the reply to one prompt; what the answer cost stands with the answer."""
    status = "answered" if answer.status in HOLDS_PROGRAMS else answer.status
    changes = {"prompt": prompt.id, "text": text, "status": status, "usage": Usage(), "notes": ()}
    session.run.once(REPLY, prompt.id, Completion, partial(answer.model_copy, update=changes))
