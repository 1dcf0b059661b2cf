"""From prompts to checked candidates: ask the designer, parse, check, send back what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from autoreward.critic import check
from autoreward.designer.parse import parse
from autoreward.designer.prompts import AGAIN, one_line, render_repair
from autoreward.records import Candidate, Completion, Finding, Prompt, Verdict
from autoreward.search.asking import as_asked, ask_all
from autoreward.search.budget import SAID
from autoreward.search.events import CANDIDATE, PROMPTS, VERDICT, PromptSet
from autoreward.search.session import Session


def write_and_check(session: Session, prompts: Sequence[Prompt], parents: tuple[str, ...]) -> dict[str, Verdict]:
    """Candidates for a generation's prompts, with the verdict on the last attempt of each, by candidate id."""
    verdicts: dict[str, Verdict] = {}
    asked = list(prompts)
    if not asked:  # a generation that a person's reward fills alone
        return verdicts
    for attempt in range(session.settings.design.repairs + 1):
        replies = ask_all(session, asked)
        candidates = _candidates(session, asked, replies, attempt + 1, parents)
        found = _check_all(session, candidates, replies)
        verdicts |= {candidate.id: found[key] for key, candidate in candidates.items()}
        # What a model refused, or could not say, is not asked for again.
        refused = [one for one in asked if found[one.id].status != "accepted" and replies[one.id].status == "answered"]
        if not refused or attempt == session.settings.design.repairs:
            break
        asked = _repairs(session, refused, candidates, found, attempt + 1)
    return verdicts


def check_given(session: Session, candidate: Candidate) -> dict[str, Verdict]:
    """The verdict on a candidate that no designer was asked for, by candidate id."""
    return _check_all(session, {candidate.id: candidate}, {})


def candidate_id(prompt_id: str) -> str:
    """The candidate that a prompt asks for: `g02c05r1` asks for g02c05 again."""
    return prompt_id.removesuffix(AGAIN).partition("r")[0]


def _candidates(
    session: Session,
    prompts: Sequence[Prompt],
    replies: Mapping[str, Completion],
    attempt: int,
    parents: tuple[str, ...],
) -> dict[str, Candidate]:
    """One candidate a prompt, by prompt id."""
    candidates = {}
    for prompt in prompts:
        candidate = parse(
            replies[prompt.id], candidate_id(prompt.id), prompt.brief.generation, parents=parents, attempts=attempt
        )
        candidates[prompt.id] = session.run.once(CANDIDATE, prompt.id, Candidate, partial(_same, candidate))
    return candidates


def _check_all(
    session: Session, candidates: dict[str, Candidate], replies: Mapping[str, Completion]
) -> dict[str, Verdict]:
    """The verdict on each candidate, by prompt id; those already checked are not checked again."""
    verdicts = {key: session.run.get(VERDICT, key, Verdict) for key in candidates}
    missing = [key for key, verdict in verdicts.items() if verdict is None and candidates[key].source]
    files = [(candidates[key].id, candidates[key].source) for key in missing]
    made = {}
    if files:
        session.tell(stage="checking", generation=candidates[missing[0]].generation, total=len(files))
        checked = check(files, session.env, session.transitions, session.sandbox, session.settings.design.shaping_only)
        made = dict(zip(missing, checked, strict=True))
    made |= {key: _no_program(key, replies.get(key), session) for key in missing_programs(candidates)}
    return {key: session.run.once(VERDICT, key, Verdict, partial(made.__getitem__, key)) for key in candidates}


def _same(candidate: Candidate) -> Candidate:
    return candidate


def missing_programs(candidates: Mapping[str, Candidate]) -> list[str]:
    """The prompts whose replies hold no program."""
    return [key for key, candidate in candidates.items() if not candidate.source]


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


def _no_program(key: str, reply: Completion | None, session: Session) -> Verdict:
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
                render_repair(as_asked(session, prompt), candidates[prompt.id], verdicts[prompt.id].findings)
                for prompt in refused
            )
        )

    key = f"g{refused[0].brief.generation:02d}r{attempt}"
    return list(session.run.once(PROMPTS, key, PromptSet, make).prompts)
