"""Asking the designer: a stored reply is never asked for again, and calls stay within the budgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from pydantic import BaseModel

from autoreward.designer.prompts import AGAIN, render_again
from autoreward.errors import ModelError
from autoreward.llm.usage import worst_case
from autoreward.records import Completion, Prompt, Usage
from autoreward.search.calls import CallsStoppedError
from autoreward.search.events import CALL_FAILED, CALL_STARTED, PROMPTS, REPLY, CallFailed, CallStarted, PromptSet
from autoreward.search.session import Session
from autoreward.search.together import answer_together, asked_together
from autoreward.views import NoteEvent

R = TypeVar("R", bound=BaseModel)


class LedgerAsker:
    """Asks for a run: prompts, replies and results are events of it. See `repairing.Asker`.

    Args:
        stage: what the live line says meanwhile.
    """

    def __init__(self, session: Session, stage: str = "writing") -> None:
        self._session, self._stage = session, stage

    def once(self, kind: str, key: str, model: type[R], compute: Callable[[], R]) -> R:
        """The stored result of this kind and key, or a new one that is stored."""
        return self._session.run.once(kind, key, model, compute)

    def keep(self, key: str, write: Callable[[], Sequence[Prompt]]) -> tuple[Prompt, ...]:
        """The prompts of a round, written once."""
        return self.once(PROMPTS, key, PromptSet, lambda: PromptSet(prompts=tuple(write()))).prompts

    def answer(self, prompts: Sequence[Prompt]) -> Mapping[str, Completion]:
        """One completion a prompt, by its id."""
        return ask_all(self._session, prompts, self._stage)

    def as_asked(self, prompt: Prompt) -> Prompt:
        """The prompt as it was put anew, if it was; else the prompt itself."""
        return as_asked(self._session, prompt)


def ask_all(session: Session, prompts: Sequence[Prompt], stage: str = "writing") -> dict[str, Completion]:
    """One completion a prompt, by prompt id. Calls that run when the search is stopped are finished and stored.

    The first request of a generation goes alone, so that the provider has the common head of all prompts in its
    cache when the others come.
    """
    unanswered = [prompt for prompt in prompts if session.run.get(REPLY, prompt.id, Completion) is None]
    if unanswered:
        generation = prompts[0].brief.generation if prompts[0].brief else None
        counted = "candidates" if prompts[0].brief else "drafts" if len(prompts) > 1 else "prompts"
        session.report_progress(stage=stage, generation=generation, total=len(prompts), counted=counted)
        session.designer.prepare(unanswered)
    together = asked_together(session, prompts)
    workers = min(session.settings.llm.parallel_requests, len(prompts)) if session.designer.is_llm else 1
    with ThreadPoolExecutor(workers) as pool:
        try:
            if unanswered and together:
                pool.submit(answer_together, session, prompts, _reply).result()
            elif workers > 1 and unanswered and unanswered[0].repair_of is None:
                pool.submit(ask, session, unanswered[0]).result()
            answer = _reply if together else ask  # a part of one answer is not asked for in another way
            answers = {prompt.id: pool.submit(answer, session, prompt) for prompt in prompts}
            return _results(answers)
        except BaseException:
            session.calls.stop()
            session.designer.stop()  # no further retries: what is in flight is finished and stored
            _tell_in_flight(session)
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _results(answers: Mapping[str, Future[Completion]]) -> dict[str, Completion]:
    """What all of these came to, or the first error of any of them, as soon as there is one."""
    done, _ = wait(answers.values(), return_when=FIRST_EXCEPTION)
    errors = [error for error in (one.exception() for one in done) if error is not None]
    # A call that was not made says nothing about why.
    for error in sorted(errors, key=lambda one: isinstance(one, CallsStoppedError)):
        raise error
    return {name: answer.result() for name, answer in answers.items()}


def _tell_in_flight(session: Session) -> None:
    count = len(session.calls)
    if count:
        several = "1 request is" if count == 1 else f"{count} requests are"
        session.on_event(
            NoteEvent(text=f"Stopping: {several} in flight, and the replies will be kept. Ctrl-C again leaves them.")
        )


def ask(session: Session, prompt: Prompt) -> Completion:
    """The answer to a prompt; where the first one was cut off or the prompt too long, that to the prompt put anew."""
    first = _reply(session, prompt)
    again = as_asked(session, prompt)
    if again is prompt:
        anew = render_again(prompt, first.status)
        if anew is None:
            return first
        again = session.run.once(PROMPTS, anew.id, PromptSet, lambda: PromptSet(prompts=(anew,))).prompts[0]
    return _reply(session, again)


def as_asked(session: Session, prompt: Prompt) -> Prompt:
    """The prompt as it was put anew, if it was; else the prompt itself."""
    stored = session.run.get(PROMPTS, f"{prompt.id}{AGAIN}", PromptSet)
    return stored.prompts[0] if stored else prompt


def _reply(session: Session, prompt: Prompt) -> Completion:
    """The stored reply to a prompt, or a new one: a stored reply is never asked for again, nor a stored refusal."""
    stored = session.run.get(REPLY, prompt.id, Completion)
    if stored is not None:
        return stored
    budget = session.settings.budget
    with session.calls.call(session.run, prompt.id, _worst(session, prompt), budget, session.started):
        completion = session.run.once(REPLY, prompt.id, Completion, lambda: _call(session, prompt))
        for note in completion.notes:
            session.report_once(note)
        session.calls.note(completion)  # before another call takes its turn
    return completion


def _call(session: Session, prompt: Prompt) -> Completion:
    session.run.append(CALL_STARTED, prompt.id, CallStarted(paid=session.designer.is_llm))
    try:
        return session.designer.complete(prompt)
    except ModelError as error:
        session.run.append(CALL_FAILED, prompt.id, CallFailed(calls=max(1, error.calls), message=error.message))
        raise


def _worst(session: Session, prompt: Prompt) -> Usage:
    """The most that a call may cost."""
    if not session.designer.is_llm:
        return Usage()
    limit = session.settings.llm.max_output_tokens * prompt.room
    return worst_case(session.designer.name, prompt.messages, limit)
