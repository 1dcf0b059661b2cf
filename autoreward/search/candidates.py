"""From briefs to checked candidates: ask the designer, parse, check, send back what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from autoreward.analyzer import written
from autoreward.critic import check
from autoreward.designer.parse import parse
from autoreward.designer.prompts import AGAIN, one_line, render, render_repair
from autoreward.people.notes import for_brief
from autoreward.records import (
    Brief,
    Candidate,
    CandidateSummary,
    Completion,
    Finding,
    GenerationSummary,
    Prompt,
    Verdict,
)
from autoreward.search.asking import as_asked, ask_all
from autoreward.search.calls import SAID
from autoreward.search.events import CANDIDATE, PROMPTS, VERDICT, PromptSet
from autoreward.search.leaderboard import Entry, Leaderboard
from autoreward.search.session import Session

HISTORY = 4  # generations that a prompt tells of
SEED = "g00c00"  # the candidate that a person gave
PERSON = "person"  # its designer


# --- What the designer is asked ---------------------------------------------------------------------------


def write_prompts(session: Session, index: int, earlier: Leaderboard) -> PromptSet:
    """The prompts of a generation. They are made from briefs alone, which hold no human reward and no metric.

    Args:
        earlier: all candidates of the generations before it.
    """
    design = session.settings.design
    seed, best = seed_candidate(session, index), earlier.best
    notes = for_brief(session.run.notes())
    shared: dict[str, Any] = {
        "text": session.task.text,
        "env": session.env,
        "generation": index,
        "candidates": design.candidates,
        "seed": design.seed,
        "history": _summarise_history(earlier, index),
        "parent": _summarise(best, best) if best else _summarise_seed(seed) if seed else None,
        "notes": notes,
        "shaping_only": design.shaping_only,
    }
    briefs = [Brief(slot=slot, **shared) for slot in range(1 if seed else 0, design.candidates)]
    prompts = tuple(render(brief, f"g{index:02d}c{brief.slot:02d}") for brief in briefs)
    return PromptSet(prompts=prompts, notes=notes)


def _summarise_history(earlier: Leaderboard, index: int) -> tuple[GenerationSummary, ...]:
    summaries = []
    for generation in range(max(0, index - HISTORY), index):
        entries = earlier.of_generation(generation).entries
        candidates = tuple(_summarise(entry, earlier.best) for entry in entries)
        summaries.append(GenerationSummary(index=generation, candidates=candidates))
    return tuple(summaries)


def _summarise(entry: Entry, best: Entry | None) -> CandidateSummary:
    findings = "\n".join(f"{finding.rule}: {finding.message} {finding.remedy}" for finding in entry.findings)
    return CandidateSummary(
        id=entry.id,
        source=entry.candidate.source,
        status=entry.status,
        analysis=written(entry.analysis, for_prompt=True) if entry.analysis else findings,
        success=entry.fitness.mean if entry.fitness else None,
        progress=entry.progress.mean if entry.progress else None,
        best=best is not None and entry.id == best.id,
    )


def _summarise_seed(candidate: Candidate) -> CandidateSummary:
    """The person's reward as the first generation's prompts tell of it."""
    return CandidateSummary(
        id=candidate.id,
        source=candidate.source,
        status="accepted",
        analysis="A person wrote it. It was not trained yet; it is one of this generation's candidates already.",
    )


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


def write_and_check(session: Session, prompts: Sequence[Prompt], parents: tuple[str, ...]) -> dict[str, Verdict]:
    """Candidates for a generation's prompts, with the verdict on the last attempt of each, by candidate id."""
    verdicts: dict[str, Verdict] = {}
    if not prompts:  # a generation that a person's reward fills alone
        return verdicts
    for attempt in range(session.settings.design.repairs + 1):
        replies = ask_all(session, prompts)
        candidates = _read_candidates(session, prompts, replies, attempt + 1, parents)
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
