"""Turns a brief into the words that a language model reads. The words themselves lie in `prompts/`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from autoreward.designer.program import weights_line
from autoreward.number_format import float_literal
from autoreward.records import Brief, Candidate, Finding, Message, Prompt
from autoreward.reward.language import grammar
from autoreward.templates import prompts_directory, template_environment

if TYPE_CHECKING:
    from jinja2 import Environment

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


def render_repair(prompt: Prompt, candidate: Candidate, findings: Sequence[Finding]) -> Prompt:
    """The prompt that sends a refused candidate back with its findings: id "g02c05r1", then "r2".

    The dialogue holds the first question and the last attempt only, so that its length stays the same.
    """
    found = _ATTEMPT.match(prompt.id)
    name, attempt = (found["candidate"], int(found["attempt"] or 0)) if found else (prompt.id, 0)
    answer = f"```python\n{candidate.source.rstrip()}\n```" if candidate.source else "(no program)"
    question = _rendered("repair.j2", source=candidate.source, findings=findings)
    messages = (
        *prompt.messages[:2],
        Message(role="assistant", content=answer),
        Message(role="user", content=question),
    )
    return Prompt(
        id=f"{name}r{attempt + 1}",
        brief=prompt.brief,
        messages=messages,
        templates=templates_digest(),
        repair_of=candidate.source,
        findings=tuple(findings),
    )


def render_round(prompts: Sequence[Prompt]) -> str:
    """All prompts of one round as one question, whose answer holds one program for each.

    Args:
        prompts: of one generation, or of one round of its repairs; they differ in their slots.
    """
    brief = prompts[0].brief
    # With one candidate the question names no angle: in a round each program has its own.
    shared = brief.model_copy(update={"candidates": 1})
    ids = tuple(prompt.id for prompt in prompts)
    repairs = [prompt for prompt in prompts if prompt.repair_of is not None]
    return _rendered(
        "round.j2", system=_system(brief, ids), question=_question(shared), prompts=prompts, repairs=repairs
    )


def _system(brief: Brief, ids: Sequence[str]) -> str:
    """The contract, the environment and the form of the answer."""
    name = "system_shaping.j2" if brief.shaping_only else "system.j2"
    return _rendered(name, env=brief.env, language=_language(), ids=ids)


def _question(brief: Brief) -> str:
    """The task and what was learnt so far."""
    return _rendered("revise.j2" if brief.history or brief.parent else "initial.j2", brief=brief)


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
    environment.filters["weights"] = weights_line
    return environment


def _measured(value: float | None) -> str:
    return "unknown" if value is None else float_literal(value)


def _language() -> dict[str, object]:
    """What a program may use, from the contract that the critic enforces."""
    return {
        "jnp": sorted(grammar.JNP_MEMBERS),
        "linalg": sorted(grammar.LINALG_MEMBERS),
        "math": sorted(grammar.MATH_MEMBERS),
        "methods": sorted(grammar.ARRAY_METHODS),
        "builtins": sorted(grammar.BUILTINS),
        "name_limit": grammar.NAME_LIMIT,
        "term_limit": grammar.TERM_LIMIT,
    }
