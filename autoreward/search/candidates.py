"""From prompts to checked candidates: ask the designer, parse, check, send back what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from functools import partial

from autoreward.critic import check
from autoreward.designer.parse import parse
from autoreward.designer.prompts import AGAIN, one_line, render_again, render_repair
from autoreward.errors import ModelError
from autoreward.llm.usage import worst_case
from autoreward.records import (
    Candidate,
    Completion,
    Finding,
    Prompt,
    Usage,
    Verdict,
)
from autoreward.search.calls import SAID, CallsStoppedError
from autoreward.search.events import (
    CALL_FAILED,
    CALL_STARTED,
    CANDIDATE,
    PROMPTS,
    REPLY,
    VERDICT,
    CallFailed,
    CallStarted,
    PromptSet,
)
from autoreward.search.session import Session
from autoreward.search.together import answer_together, asked_together
from autoreward.views import NoteEvent

SEED = "g00c00"  # the candidate that a person gave
PERSON = "person"  # its designer


# --- Candidates and their verdicts ------------------------------------------------------------------------


def seed_candidate(session: Session, generation: int) -> Candidate | None:
    """The person's reward as a candidate of generation 0; None in other generations, and where none was given."""
    source = session.task.seed_reward
    if source is None or generation != 0:
        return None
    candidate = Candidate(id=SEED, generation=0, parents=(), source=source, designer=PERSON)
    return session.run.once(CANDIDATE, SEED, Candidate, lambda: candidate)


def candidate_id(prompt_id: str) -> str:
    """The candidate that a prompt asks for: `g02c05r1` asks for g02c05 again."""
    return prompt_id.removesuffix(AGAIN).partition("r")[0]


def write_and_check(session: Session, prompts: Sequence[Prompt]) -> dict[str, Verdict]:
    """Candidates for a generation's prompts, with the verdict on the last attempt of each, by candidate id."""
    verdicts: dict[str, Verdict] = {}
    plans: dict[str, str] = {}
    if not prompts:  # a generation that a person's reward fills alone
        return verdicts
    for attempt in range(session.settings.design.repairs + 1):
        replies = ask_all(session, prompts)
        candidates = _read_candidates(session, prompts, replies, attempt + 1, plans)
        plans |= {candidate.id: candidate.plan for candidate in candidates.values()}
        checked = check_all(session, candidates, replies)
        verdicts |= {candidate.id: checked[key] for key, candidate in candidates.items()}
        # What a model declined, or could not say, is not asked for again.
        refused = [
            prompt
            for prompt in prompts
            if checked[prompt.id].status != "accepted" and replies[prompt.id].status == "answered"
        ]
        if not refused or attempt == session.settings.design.repairs:
            break
        prompts = _write_repairs(session, refused, candidates, checked, attempt + 1)
    return verdicts


def _read_candidates(
    session: Session,
    prompts: Sequence[Prompt],
    replies: Mapping[str, Completion],
    attempt: int,
    plans: Mapping[str, str],
) -> dict[str, Candidate]:
    """One candidate a prompt, by prompt id.

    Args:
        plans: of the attempts before, by candidate: a repair mends the program and keeps the plan.
    """
    candidates = {}
    for prompt in prompts:
        name, brief = candidate_id(prompt.id), prompt.brief
        parents = (brief.parent.id,) if brief.parent else ()
        candidate = parse(replies[prompt.id], name, brief.generation, parents=parents, attempts=attempt)
        if plans.get(name):
            candidate = candidate.model_copy(update={"plan": plans[name]})
        candidates[prompt.id] = session.run.once(CANDIDATE, prompt.id, Candidate, partial(_same, candidate))
    return candidates


def _same(candidate: Candidate) -> Candidate:
    return candidate


def check_all(
    session: Session, candidates: dict[str, Candidate], replies: Mapping[str, Completion] | None = None
) -> dict[str, Verdict]:
    """The verdict on each candidate, by the key it is given under; those already checked are not checked again.

    Args:
        candidates: by prompt id; a candidate that nobody was asked for by its own id.
        replies: which the candidates come from, by prompt id.
    """
    stored = {key: session.run.get(VERDICT, key, Verdict) for key in candidates}
    missing = [key for key, verdict in stored.items() if verdict is None and candidates[key].source]
    programs = [(candidates[key].id, candidates[key].source) for key in missing]
    empty = [key for key in candidates if not candidates[key].source]
    verdicts = {key: _refuse_empty(key, (replies or {}).get(key), session) for key in empty}
    if programs:
        session.report_progress(stage="checking", generation=candidates[missing[0]].generation, total=len(programs))
        shaping_only = session.settings.design.shaping_only
        checked = check(programs, session.env, session.transitions, session.sandbox, shaping_only)
        verdicts |= dict(zip(missing, checked, strict=True))
    return {key: session.run.once(VERDICT, key, Verdict, partial(verdicts.__getitem__, key)) for key in candidates}


_NO_PROGRAM = {
    "answered": "the reply holds no fenced code block with a reward program",
    "cut": "the reply was cut off by the output limit, also when a shorter one was asked for",
    "refused": "the model declined",
    "too_long": "the prompt is longer than the model can read",
    "failed": "the server does not answer this prompt",
}
_NO_PROGRAM_REMEDY = {
    "answered": "Answer with the whole program in one ```python block.",
    "cut": "Give it more room with --max-output-tokens, or choose a model that thinks less.",
    "refused": "Say the task in other words, or choose another model.",
    "too_long": "Choose a model with a larger context, or a smaller --max-output-tokens.",
    "failed": "See what the server says; other prompts may be answered.",
}


def _refuse_empty(key: str, reply: Completion | None, session: Session) -> Verdict:
    """Why there is nothing to check, with the words that came instead."""
    status = reply.status if reply else "answered"
    said = one_line(reply.text, SAID) if reply else ""
    quoted = f'; it begins: "{said}"' if status in ("answered", "cut") else f': "{said}"'
    finding = Finding(
        rule="reply.no_program" if status == "answered" else f"reply.{status}",
        severity="error",
        message=f"{candidate_id(key)}: {_NO_PROGRAM[status]}{quoted if said else ''}.",
        remedy=_NO_PROGRAM_REMEDY[status],
    )
    return Verdict(candidate=candidate_id(key), status="refused", tier=session.sandbox.tier, findings=(finding,))


def _write_repairs(
    session: Session,
    refused: Sequence[Prompt],
    candidates: dict[str, Candidate],
    verdicts: dict[str, Verdict],
    attempt: int,
) -> tuple[Prompt, ...]:
    """Prompts that send the refused candidates back with their findings."""

    def compute() -> PromptSet:
        return PromptSet(
            prompts=tuple(
                render_repair(as_asked(session, prompt), candidates[prompt.id], verdicts[prompt.id].findings)
                for prompt in refused
            )
        )

    key = f"g{refused[0].brief.generation:02d}r{attempt}"
    return session.run.once(PROMPTS, key, PromptSet, compute).prompts


# --- Asking ----------------------------------------------------------------------------------------------


def ask_all(
    session: Session, prompts: Sequence[Prompt], stage: str = "writing", counted: str = "candidates"
) -> dict[str, Completion]:
    """One completion a prompt, by prompt id. Calls that run when the search is stopped are finished and stored.

    The first request of a generation goes alone, so that the provider has the common head of all prompts in its
    cache when the others come.
    """
    generation = prompts[0].brief.generation if counted == "candidates" else None
    session.report_progress(stage=stage, generation=generation, total=len(prompts), counted=counted)
    unanswered = [prompt for prompt in prompts if session.run.get(REPLY, prompt.id, Completion) is None]
    if unanswered:
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
    session.calls.note(completion)
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
