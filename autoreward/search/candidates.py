"""From prompts to checked candidates: ask the designer, parse, check, send back what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from autoreward.critic import check
from autoreward.designer.parse import parse
from autoreward.designer.prompts import render_repair
from autoreward.records import Candidate, Completion, Finding, Prompt, Verdict
from autoreward.search.budget import check_budget, spent
from autoreward.search.events import CALL_STARTED, CANDIDATE, PROMPTS, REPLY, VERDICT, CallStarted, PromptSet
from autoreward.search.session import Session


def write_and_check(session: Session, prompts: Sequence[Prompt], parents: tuple[str, ...]) -> dict[str, Verdict]:
    """Candidates for a generation's prompts, with the verdict on the last attempt of each, by candidate id."""
    verdicts: dict[str, Verdict] = {}
    asked = list(prompts)
    if not asked:  # a generation that a person's reward fills alone
        return verdicts
    for attempt in range(session.settings.design.repairs + 1):
        candidates = _ask_all(session, asked, attempt + 1, parents)
        found = _check_all(session, candidates)
        verdicts |= {candidate.id: found[key] for key, candidate in candidates.items()}
        refused = [prompt for prompt in asked if found[prompt.id].status != "accepted"]
        if not refused or attempt == session.settings.design.repairs:
            break
        asked = _repairs(session, refused, candidates, found, attempt + 1)
    return verdicts


def check_given(session: Session, candidate: Candidate) -> dict[str, Verdict]:
    """The verdict on a candidate that no designer was asked for, by candidate id."""
    return _check_all(session, {candidate.id: candidate})


def candidate_id(prompt_id: str) -> str:
    """The candidate that a prompt asks for: `g02c05r1` asks for g02c05 again."""
    return prompt_id.partition("r")[0]


def _ask_all(
    session: Session, prompts: Sequence[Prompt], attempt: int, parents: tuple[str, ...]
) -> dict[str, Candidate]:
    """One candidate a prompt, by prompt id. Calls that run when the search is stopped are finished and stored."""
    session.tell(stage="writing", generation=prompts[0].brief.generation, total=len(prompts))
    unanswered = [prompt for prompt in prompts if session.run.get(REPLY, prompt.id, Completion) is None]
    if unanswered:
        session.designer.prepare(unanswered)
    workers = min(session.settings.llm.parallel_requests, len(prompts)) if session.designer.is_llm else 1
    with ThreadPoolExecutor(workers) as pool:
        try:
            completions = list(pool.map(lambda prompt: _ask(session, prompt), prompts))
        except BaseException:
            session.designer.stop()  # no further retries: what is in flight is finished and stored
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    candidates = {}
    for prompt, completion in zip(prompts, completions, strict=True):
        candidate = parse(
            completion, candidate_id(prompt.id), generation=prompt.brief.generation, parents=parents, attempts=attempt
        )
        candidates[prompt.id] = session.run.once(CANDIDATE, prompt.id, Candidate, partial(_same, candidate))
    return candidates


def _ask(session: Session, prompt: Prompt) -> Completion:
    """The stored reply to a prompt, or a new one: a stored reply is never asked for again."""

    def call() -> Completion:
        check_budget(spent(session.run, session.started), session.settings.budget)
        session.run.append(CALL_STARTED, prompt.id, CallStarted(paid=session.designer.is_llm))
        return session.designer.complete(prompt)

    return session.run.once(REPLY, prompt.id, Completion, call)


def _check_all(session: Session, candidates: dict[str, Candidate]) -> dict[str, Verdict]:
    """The verdict on each candidate, by prompt id; those already checked are not checked again."""
    verdicts = {key: session.run.get(VERDICT, key, Verdict) for key in candidates}
    missing = [key for key, verdict in verdicts.items() if verdict is None and candidates[key].source]
    files = [(candidates[key].id, candidates[key].source) for key in missing]
    made = {}
    if files:
        session.tell(stage="checking", generation=candidates[missing[0]].generation, total=len(files))
        checked = check(files, session.env, session.transitions, session.sandbox, session.settings.design.shaping_only)
        made = dict(zip(missing, checked, strict=True))
    made |= {key: _no_program(key, session) for key in candidates if not candidates[key].source}
    return {key: session.run.once(VERDICT, key, Verdict, partial(made.__getitem__, key)) for key in candidates}


def _same(candidate: Candidate) -> Candidate:
    return candidate


def _no_program(key: str, session: Session) -> Verdict:
    finding = Finding(
        rule="reply.no_program",
        severity="error",
        message=f"{candidate_id(key)}: the reply holds no fenced code block with a reward program.",
        remedy="Answer with the whole program in one ```python block.",
    )
    return Verdict(candidate=candidate_id(key), status="refused", tier=session.sandbox.tier, findings=(finding,))


def _repairs(
    session: Session,
    refused: Sequence[Prompt],
    candidates: dict[str, Candidate],
    verdicts: dict[str, Verdict],
    attempt: int,
) -> list[Prompt]:
    """Prompts that send the refused candidates back with their findings."""

    def make() -> PromptSet:
        return PromptSet(
            prompts=tuple(
                render_repair(prompt, candidates[prompt.id], verdicts[prompt.id].findings) for prompt in refused
            )
        )

    key = f"g{refused[0].brief.generation:02d}r{attempt}"
    return list(session.run.once(PROMPTS, key, PromptSet, make).prompts)
