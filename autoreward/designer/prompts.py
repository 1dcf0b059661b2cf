"""Turns a brief into the words that a language model reads. The words themselves lie in `prompts/`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from autoreward.designer.parse import without_thoughts
from autoreward.designer.program import weights_line
from autoreward.number_format import number, short, with_unit
from autoreward.plain_text import plain
from autoreward.records import (
    Brief,
    Candidate,
    CandidateSummary,
    Completion,
    EnvSpec,
    Finding,
    GenerationSummary,
    Message,
    MetricBrief,
    MetricProposal,
    Prompt,
    PropertyBrief,
    RemarkKind,
    RemarksBrief,
    WitnessBrief,
)
from autoreward.reward.language import grammar
from autoreward.templates import prompts_directory, template_environment

if TYPE_CHECKING:
    from jinja2 import Environment

AGAIN = "+"  # behind the id of a prompt that was asked once more in another way
FINDING_LIMIT = 12  # findings that a repair prompt tells
OLDER = 2  # candidates that a prompt tells of each generation before the last: the best of it
ROOMY = 4  # programs that one reply of the usual length holds, thoughts included
# Of grammar.JNP_MEMBERS, without aliases and rarities: 112 recorded programs of a strong model used 18 of them.
TOLD_FUNCTIONS = (
    "abs all any arange arccos arcsin arctan arctan2 argmax argmin array ceil clip concatenate cos cosh cross cumsum "
    "degrees diff dot einsum exp expm1 floor full_like hypot isfinite linspace log log1p logaddexp logical_and "
    "logical_not logical_or matmul max maximum mean median min minimum mod ones_like pi power prod radians round sign "
    "sin sinh sort sqrt square stack std sum take tan tanh var where zeros_like"
)
SUMMARY_TEMPERATURE = 0.3  # of the reply that makes one program of several drafts
LINE_LIMIT = 600  # characters of one line of a finding
_FENCED = re.compile(r"(^```python\n.*?^```$)", re.DOTALL | re.MULTILINE)
_ATTEMPT = re.compile(r"^(?P<candidate>.*?)(?:r(?P<attempt>\d+))?$")


def render(brief: Brief, prompt_id: str) -> Prompt:
    """The prompt that asks for one candidate: the contract and the fields, then the task and what was learnt.

    Args:
        brief: all that the designer may know.
        prompt_id: the id of the candidate asked for, "g02c05".
    """
    messages = (
        Message(role="system", content=_system(brief, (prompt_id,))),
        Message(role="user", content=_question(brief)),
    )
    return Prompt(id=prompt_id, brief=brief, messages=messages, templates=templates_digest())


def render_factors(brief: Brief, prompt_id: str) -> Prompt:
    """The prompt that asks for a draft of the terms whose weights are learned from whole episodes.

    Args:
        prompt_id: the id of the draft asked for, "f01".
    """
    messages = (
        Message(role="system", content=_system(brief, (prompt_id,))),
        Message(role="user", content=_rendered("factors.j2", brief=brief)),
    )
    return Prompt(id=prompt_id, messages=messages, templates=templates_digest())


def render_factors_summary(brief: Brief, drafts: Sequence[str], prompt_id: str) -> Prompt:
    """The prompt that asks for one program made of all drafts, at a low temperature.

    Args:
        drafts: their programs.
        prompt_id: the id of the candidate asked for, "g00c00".

    Source: Qu et al. 2025, "Latent Reward", arXiv:2412.11120, section 4.2: several responses, one summary.
    """
    messages = (
        Message(role="system", content=_system(brief, (prompt_id,))),
        Message(role="user", content=_rendered("factors_summary.j2", brief=brief, drafts=drafts)),
    )
    return Prompt(
        id=prompt_id, brief=brief, messages=messages, templates=templates_digest(), temperature=SUMMARY_TEMPERATURE
    )


def render_metric(brief: MetricBrief, prompt_id: str) -> Prompt:
    """The prompt that asks for one draft of the success metric: the contract, the fields, the text; nothing of rewards.

    Args:
        brief: where it has a metric already, that one is to be revised.
        prompt_id: the id of the draft asked for, "m01".
    """
    question = "metric.j2" if brief.before is None else "metric_revise.j2"
    messages = (
        Message(role="system", content=_rendered("metric_system.j2", env=brief.env, language=_language())),
        Message(role="user", content=_rendered(question, brief=brief)),
    )
    return Prompt(id=prompt_id, messages=messages, templates=templates_digest())


def render_questions(proposal: MetricProposal, prompt_id: str) -> Prompt:
    """The prompt that asks for questions about a text whose drafts of a metric mean different things.

    Args:
        prompt_id: "mq01".
    """
    question = Message(role="user", content=_rendered("metric_questions.j2", proposal=proposal))
    return Prompt(id=prompt_id, messages=(question,), templates=templates_digest())


def render_properties(brief: PropertyBrief, prompt_id: str) -> Prompt:
    """The prompt that asks for pairs of what a robot may do, of which a reward must pay the better one more."""
    question = Message(role="user", content=_rendered("properties.j2", brief=brief, env=brief.env))
    return Prompt(id=prompt_id, messages=(question,), templates=templates_digest())


def render_meanings(env: EnvSpec, documentation: str, prompt_id: str) -> Prompt:
    """The prompt that asks what the fields of somebody else's environment mean.

    Args:
        documentation: what its author wrote of it, without what tells how it pays.
        prompt_id: "meanings".
    """
    question = Message(role="user", content=_rendered("meanings.j2", env=env, documentation=documentation))
    return Prompt(id=prompt_id, messages=(question,), templates=templates_digest())


def render_remarks(brief: RemarksBrief, kind: RemarkKind, prompt_id: str) -> Prompt:
    """The prompt that asks what the programs of a generation mean, or why their policies do what they do."""
    name = "semantic_critic.j2" if kind == "meaning" else "analyst.j2"
    question = Message(role="user", content=_rendered(name, brief=brief, env=brief.env))
    return Prompt(id=prompt_id, messages=(question,), templates=templates_digest())


def render_changes(text: str, before: Candidate, after: Candidate, prompt_id: str) -> Prompt:
    """The prompt that asks what changed from one program to the one that people prefer to it."""
    question = Message(role="user", content=_rendered("changes.j2", text=text, before=before, after=after))
    return Prompt(id=prompt_id, messages=(question,), templates=templates_digest())


def render_witness(brief: WitnessBrief, frames: tuple[bytes, ...], prompt_id: str, seen: str = "") -> list[Prompt]:
    """The two prompts of a witness: what it sees in the frames, and, behind its answer, whether the sentence holds."""
    look = Message(role="user", content=_rendered("witness.j2", brief=brief), images=frames)
    said = Message(role="assistant", content=without_thoughts(plain(seen)) or "(What it saw stands here.)")
    judge = Message(role="user", content=_rendered("witness_verdict.j2", brief=brief))
    dialogues = {prompt_id: (look,), f"{prompt_id}b": (look, said, judge)}
    return [Prompt(id=name, messages=several, templates=templates_digest()) for name, several in dialogues.items()]


def render_rating(text: str, frames: tuple[tuple[bytes, ...], tuple[bytes, ...]], prompt_id: str) -> Prompt:
    """The prompt that asks a model which of two episodes does the task better, by their frames, A before B."""
    counts = tuple(map(len, frames))
    question = Message(
        role="user", content=_rendered("rater.j2", text=text, frames=counts), images=frames[0] + frames[1]
    )
    return Prompt(id=prompt_id, messages=(question,), templates=templates_digest())


def render_repair(prompt: Prompt, source: str, findings: Sequence[Finding]) -> Prompt:
    """The prompt that sends a refused program back with its findings: id "g02c05r1", then "r2".

    The dialogue holds the first question and the last attempt only, so that its length stays the same. What the
    attempt before was told already, and what is found again, is said to be unmended.
    """
    match = _ATTEMPT.match(prompt.id.removesuffix(AGAIN))
    name, attempt = (match["candidate"], int(match["attempt"] or 0)) if match else (prompt.id, 0)
    source = plain(source)
    answer = f"```python\n{source.rstrip()}\n```" if source else "(no program)"
    known = {(finding.rule, finding.message) for finding in prompt.findings}
    shown, left_out = _shown(findings)
    unmended = [finding for finding in shown if (finding.rule, finding.message) in known]
    new = [finding for finding in shown if finding not in unmended]
    values = {"source": source, "new": new, "unmended": unmended, "left_out": left_out, "attempt": attempt}
    messages = (
        *prompt.messages[:2],
        Message(role="assistant", content=answer),
        Message(role="user", content=_rendered("repair.j2", **values)),
    )
    return Prompt(
        id=f"{name}r{attempt + 1}",
        brief=prompt.brief,
        messages=messages,
        templates=templates_digest(),
        room=prompt.room,
        repair_of=source,
        findings=tuple(shown),
    )


def render_again(prompt: Prompt, status: str) -> Prompt | None:
    """The prompt that asks once more where the first request could not be answered whole: id "g02c05+".

    Args:
        status: of the completion. "cut": there is more room, and a shorter reply is asked for; "too_long": the older
            half of the history is left out.

    Returns:
        None where asking again in another way is not possible.
    """
    changes: dict[str, Any] = {"id": f"{prompt.id}{AGAIN}"}
    if status == "cut":
        wish = Message(role="user", content=_rendered("shorter.j2"))
        return prompt.model_copy(update={**changes, "messages": (*prompt.messages, wish), "room": 2 * prompt.room})
    shorter = shortened(prompt) if status == "too_long" else None
    return None if shorter is None else shorter.model_copy(update=changes)


def _shown(findings: Sequence[Finding]) -> tuple[list[Finding], int]:
    """Findings as a prompt shows them: errors first, one line each, no longer than is read; how many are left out."""
    ordered = sorted(findings, key=lambda finding: finding.severity != "error")
    clean = [
        finding.model_copy(update={"message": one_line(finding.message), "remedy": one_line(finding.remedy)})
        for finding in ordered[:FINDING_LIMIT]
    ]
    return clean, len(ordered) - len(clean)


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """A text on one line, without control characters, cut where it is too long."""
    line = " ".join(plain(text[: 4 * limit]).split())
    return line if len(line) <= limit else f"{line[:limit]}..."


def render_round(prompts: Sequence[Prompt]) -> str:
    """All prompts of one round as one question, whose answer holds one program for each.

    Args:
        prompts: of one generation, or of one round of its repairs; they differ in their slots.
    """
    brief = prompts[0].reward_brief
    # With one candidate the question names no angle: in a round each program has its own.
    shared = brief.model_copy(update={"candidates": 1})
    ids = tuple(prompt.id for prompt in prompts)
    repairs = [prompt for prompt in prompts if prompt.repair_of is not None]
    return _rendered(
        "round.j2",
        system=_system(brief, ids),
        question=_question(shared, alone=False),
        prompts=prompts,
        repairs=repairs,
    )


def render_together(prompts: Sequence[Prompt], prompt_id: str) -> Prompt:
    """One prompt that asks a language model for the programs of all of these, which share all but their slots.

    Its first message is the same in every generation: the ids stand at the end of the second.
    """
    shared = prompts[0].reward_brief.model_copy(update={"candidates": 1})
    question = _question(shared, alone=False) + "\n" + _rendered("asked.j2", prompts=prompts, repairs=[])
    messages = (
        Message(role="system", content=_system(shared, (), together=True)),
        Message(role="user", content=question),
    )
    room = 1 if len(prompts) <= ROOMY else 2
    return Prompt(id=prompt_id, brief=shared, messages=messages, templates=templates_digest(), room=room)


def render_rest(together: Prompt, reply: Completion, missing: Sequence[str], written: bool) -> Prompt:
    """The prompt that asks for what the reply to `together` lacks.

    Args:
        missing: ids of the programs that are asked for again.
        written: the reply holds others; they stay in the dialogue, so that the rest differs from them.
    """
    wish = _rendered("rest.j2", ids=missing, written=written, cut=reply.status == "cut")
    said = (Message(role="assistant", content=without_thoughts(plain(reply.text))),) if written else ()
    messages = (*together.messages, *said, Message(role="user", content=wish))
    return together.model_copy(update={"id": f"{together.id}{AGAIN}", "messages": messages, "room": 2})


def shortened(prompt: Prompt) -> Prompt | None:
    """The same prompt without the older half of its history; None where it has none."""
    history = prompt.brief.history if prompt.brief else ()
    if not history:
        return None
    brief = prompt.reward_brief.model_copy(update={"history": history[(len(history) + 1) // 2 :]})
    messages = (prompt.messages[0], Message(role="user", content=_question(brief)), *prompt.messages[2:])
    return prompt.model_copy(update={"brief": brief, "messages": messages})


def _system(brief: Brief, ids: Sequence[str], together: bool = False) -> str:
    """The contract, the environment and the form of the answer."""
    name = "system_shaping.j2" if brief.shaping_only else "system.j2"
    return _rendered(
        name,
        env=brief.env,
        language=_language(),
        ids=ids,
        training=brief.training,
        together=together,
        by_people=brief.by_people,
    )


def _question(brief: Brief, alone: bool = True) -> str:
    """The task and what was learnt so far, and at its end what this one program should start from.

    Args:
        alone: one program is asked for; in a round each has its own start and angle.
    """
    later = "preferred.j2" if brief.by_people else "revise.j2"
    name = later if brief.history or brief.parent else "initial.j2"
    return _rendered(name, brief=brief, told=_told(brief), training=brief.training, alone=alone)


def _told(brief: Brief) -> list[GenerationSummary]:
    """The history as a prompt tells it: all of the last generation, the best of each older one."""
    *older, last = brief.history or (None,)
    shortened = [one.model_copy(update={"candidates": _best(one.candidates)}) for one in older if one is not None]
    return [*shortened, *([last] if last else [])]


def _best(candidates: Sequence[CandidateSummary]) -> tuple[CandidateSummary, ...]:
    """The best by success and progress, in order of id."""
    measured = [one for one in candidates if one.success is not None]
    ranked = sorted(measured, key=lambda one: (one.success, one.progress or 0.0), reverse=True)
    return tuple(one for one in candidates if one in ranked[:OLDER])


@cache
def templates_digest() -> str:
    """One sha256 over the names and texts of all templates: which words a run was made with."""
    digest = hashlib.sha256()
    for file in sorted(prompts_directory().glob("*.j2")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _rendered(name: str, **values: Any) -> str:
    """A template's text, without the blank lines that its conditions leave behind; programs stay as they are."""
    parts = _FENCED.split(_templates().get_template(name).render(**values))
    prose = [re.sub(r"\n{3,}", "\n\n", part) for part in parts[::2]]
    joined = [piece for pair in zip(prose, [*parts[1::2], ""], strict=True) for piece in pair]
    return "".join(joined).strip() + "\n"


@cache
def _templates() -> Environment:
    environment = template_environment()
    environment.filters["measured"] = _measured
    environment.filters["number"] = number
    environment.filters["short"] = short
    environment.filters["weights"] = weights_line
    environment.filters["sentence"] = lambda text: text if not text or text[-1] in ".!?" else f"{text}."
    return environment


def _measured(value: float | None, unit: str = "1") -> str:
    return "unknown" if value is None else with_unit(value, unit)


def _language() -> dict[str, object]:
    """What a program may use, from the contract that the critic enforces."""
    return {
        "jnp": TOLD_FUNCTIONS.split(),
        "name_limit": grammar.NAME_LIMIT,
        "term_limit": grammar.TERM_LIMIT,
    }
