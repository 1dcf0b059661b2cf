"""From prompts to checked candidates: ask the designer, parse, check, send back what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from autoreward.critic import check
from autoreward.designer.parse import parse
from autoreward.designer.prompts import AGAIN, one_line, render_repair
from autoreward.records import (
    Candidate,
    Completion,
    Finding,
    Prompt,
    Verdict,
)
from autoreward.search.asking import as_asked, ask_all
from autoreward.search.calls import SAID
from autoreward.search.events import CANDIDATE, PROMPTS, VERDICT, PromptSet
from autoreward.search.session import Session

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
