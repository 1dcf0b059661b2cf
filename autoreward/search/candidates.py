"""From prompts to checked candidates: ask the designer, parse, check, send back what was refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial

from autoreward.config import DesignSettings
from autoreward.critic import check
from autoreward.critic.properties import MeaningTests
from autoreward.designer.parse import parse
from autoreward.designer.prompts import AGAIN
from autoreward.errors import UsageError
from autoreward.llm.resolve import COMPOSE
from autoreward.records import Candidate, Completion, Finding, Prompt, Verdict
from autoreward.search.asking import LedgerAsker
from autoreward.search.duplicates import RULE, screen_duplicates
from autoreward.search.events import CANDIDATE, VERDICT
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.properties import meaning_tests
from autoreward.search.repairing import Attempt, no_program, write_and_repair
from autoreward.search.session import Session
from autoreward.trainer.combination_specs import combination_of

SEED = "g00c00"  # the candidate that a person gave
PERSON = "person"  # its designer
APART = 0.1  # the least distance between the embedded designer's programs for one generation


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


def write_and_check(session: Session, prompts: Sequence[Prompt], repairs: int | None = None) -> dict[str, Verdict]:
    """Candidates for a generation's prompts, with the verdict on the last attempt of each, by candidate id.

    Args:
        repairs: times that a refused one goes back; None: as the settings say.
    """
    verdicts: dict[str, Verdict] = {}
    plans: dict[str, str] = {}
    if not prompts:  # a generation that a person's reward fills alone
        return verdicts

    def read(asked: Sequence[Prompt], replies: Mapping[str, Completion], number: int) -> dict[str, Attempt]:
        candidates = _read_candidates(session, asked, replies, number, plans)
        plans.update({candidate.id: candidate.plan for candidate in candidates.values()})
        checked = check_all(session, candidates, replies)
        verdicts.update({candidate.id: checked[key] for key, candidate in candidates.items()})
        return {key: _attempt(candidate, checked[key]) for key, candidate in candidates.items()}

    round_key = f"g{prompts[0].reward_brief.generation:02d}" if repairs is None else prompts[0].id
    repairs = session.settings.design.repairs if repairs is None else repairs
    write_and_repair(LedgerAsker(session), round_key, prompts, repairs, read)
    return verdicts


def _attempt(candidate: Candidate, verdict: Verdict) -> Attempt:
    return Attempt(candidate.source, verdict.status != "accepted", verdict.findings)


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
        name, brief = candidate_id(prompt.id), prompt.reward_brief
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
        tests = _binding(session, meaning_tests(session), candidates[missing[0]])
        checked = check(programs, session.env, session.transitions, session.sandbox, shaping_only, tests)
        checked = [refuse_uncombinable(one, session.settings.design) for one in checked]
        apart = distance_apart(session)
        if apart and replies is not None:  # what nobody is asked for may be near
            checked = _screen(session, checked, candidates[missing[0]], apart)
        verdicts |= dict(zip(missing, checked, strict=True))
    return {key: session.run.once(VERDICT, key, Verdict, partial(verdicts.__getitem__, key)) for key in candidates}


def refuse_uncombinable(verdict: Verdict, design: DesignSettings) -> Verdict:
    """The verdict, refused where nothing can be learned of the weights of its program and they are to be learned."""
    if verdict.status != "accepted":
        return verdict
    try:
        combination_of(design, verdict.reward)
    except UsageError as error:
        finding = Finding(rule="combine.program", severity="error", message=error.message, remedy=error.remedy)
        return verdict.model_copy(
            update={"status": "refused", "findings": (*verdict.findings, finding), "reward": None}
        )
    return verdict


def distance_apart(session: Session) -> float:
    """How far apart the candidates of a generation are to be; 0: they may be near."""
    wanted = session.settings.design.distinct
    return (APART if session.designer.name == COMPOSE else 0.0) if wanted is None else wanted


def _screen(session: Session, verdicts: Sequence[Verdict], candidate: Candidate, apart: float) -> list[Verdict]:
    """The verdicts, with near-duplicates refused; their slots go to other programs, as often as there are repairs.

    A candidate may be near those of earlier generations, which it is written to be better than.

    Args:
        candidate: any of those that were checked together.
        apart: the distance that is asked for.
    """
    settings, board = session.settings, read_leaderboard(session.run)
    siblings = [entry for entry in board.entries if entry.candidate.generation == candidate.generation]
    earlier = {one.id: one.verdict.reward for one in siblings if one.verdict and one.verdict.reward is not None}
    gamma = settings.ppo.gamma if settings.ppo.gamma is not None else session.env.gamma
    last = candidate.attempts > settings.design.repairs
    screened = screen_duplicates(verdicts, earlier, session.transitions, gamma, session.sandbox, apart, last)
    for finding in (one for verdict in screened for one in verdict.findings if one.rule == RULE):
        session.report_once(finding.message + ("" if last else " Its slot goes to another program."))
    return screened


def _binding(session: Session, tests: MeaningTests | None, candidate: Candidate) -> MeaningTests | None:
    """The tests as they bind a candidate, and all that are checked with it.

    A person's own reward is told what a pair has against it. A pair that a model wrote, and that the metric does not
    confirm, may be wrong itself: it sends a program back as often as there are repairs, but it never ends one.
    """
    if tests is None or candidate.designer == PERSON:
        return tests and dataclasses.replace(tests, binding="none")
    last = candidate.attempts > session.settings.design.repairs
    return dataclasses.replace(tests, binding="judged") if last and not session.task.properties else tests


def _refuse_empty(key: str, reply: Completion | None, session: Session) -> Verdict:
    """Why there is nothing to check."""
    name = candidate_id(key)
    finding = no_program(name, reply, "a reward program")
    return Verdict(candidate=name, status="refused", tier=session.sandbox.tier, findings=(finding,))
