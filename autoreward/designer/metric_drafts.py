"""Reads what a language model answers when it is asked what would count as success."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from pydantic import ValidationError

from autoreward.designer.parse import find_program, one_line_ends, without_thoughts
from autoreward.ledger.run import version_key
from autoreward.plain_text import plain, plain_line
from autoreward.records import Completion, MetricDraft, MetricQuestion, MetricQuestions, QuestionOption

_LINE = re.compile(
    r"^[ \t>#*_`-]*(?P<key>success|unit|reference|missing)\b[ \t*_`]*:[ \t*_`]*(?P<value>.+)$",
    re.IGNORECASE | re.MULTILINE,
)
_SUBTASK = re.compile(
    r"^[ \t>*`-]*subtask\b[ \t*`]*:[ \t*`]*(?P<name>[^=\n]{1,60}?)[ \t]*=[ \t]*(?P<expression>[^\n]{1,400})$",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_WORDS = ("share", "rate", "score", "fraction", "episode", "probability", "0/1", "none", "dimensionless")
_JSON = re.compile(r"\{.*\}", re.DOTALL)
NOTHING = ("", "-", "none", "nothing", "n/a", "no")  # as a list of what is missing
QUESTIONS = 3  # that are read of one reply
SUBTASKS = 6  # of one draft
OPTIONS = 4  # of one question
SENTENCE_LIMIT = 400  # characters
READ_LIMIT = 20_000  # characters of a reply with questions
UNIT_LIMIT = 12  # characters; a longer one is an explanation


def draft_id(number: int, version: int = 0) -> str:
    """The id of a draft, and of the prompt that asks for it: "m01"; "v2m01" for the second revision of a metric."""
    return f"{version_key(version)}m{number + 1:02d}"


def parse_metric_draft(completion: Completion, name: str) -> MetricDraft:
    """The draft that a reply holds; its source is "" where there is no program. Never raises."""
    if completion.status != "answered":
        return MetricDraft(id=name, sentence="")
    head = without_thoughts(one_line_ends(completion.text)).partition("```")[0]
    source = find_program(completion.text)
    if not source and "success" not in _stated(head):  # prose, which says nothing of what counts
        return MetricDraft(id=name, sentence="", missing=_missing(head))
    sentence, unit, reference = read_head(head)
    return MetricDraft(
        id=name,
        sentence=sentence,
        unit=unit,
        reference=reference,
        source=source,
        missing=_missing(head),
        subtasks=_subtasks(completion.text),
    )


def read_head(text: str) -> tuple[str, str, float | None]:
    """What stands above a metric's program: what counts in words, its unit, and the success that is called good."""
    stated = _stated(text)
    sentence = stated.get("success") or _LINE.sub("", text)
    return _one_sentence(sentence), _unit(stated.get("unit", "1")), _reference(stated.get("reference", ""))


def _stated(text: str) -> dict[str, str]:
    return {match["key"].lower(): match["value"].strip() for match in _LINE.finditer(text)}


def read_subtasks(text: str) -> tuple[tuple[str, str], ...]:
    """The parts of the task that a file names in comments: `# subtask: leaves the ground = max(foot_height) > 0.05`."""
    return _subtasks("\n".join(line.lstrip("# ") for line in text.splitlines()))


def parse_questions(completion: Completion, drafts: Collection[str]) -> tuple[MetricQuestion, ...]:
    """The questions of a reply that tell these drafts apart; what cannot be read is left out. Never raises."""
    text = without_thoughts(one_line_ends(completion.text[:READ_LIMIT]))
    listed = _JSON.search(text) if completion.status == "answered" else None
    try:
        stated = MetricQuestions.model_validate_json(listed[0]) if listed else MetricQuestions()
    except ValidationError:
        return ()
    questions = (_known(question, drafts) for question in stated.questions[:QUESTIONS])
    return tuple(question for question in questions if question.text and len(question.options) > 1)


def _known(question: MetricQuestion, drafts: Collection[str]) -> MetricQuestion:
    """The question with the answers that name any of these drafts, in words fit to be shown."""
    options = [
        QuestionOption(text=_one_sentence(option.text), drafts=tuple(name for name in option.drafts if name in drafts))
        for option in question.options[:OPTIONS]
    ]
    return MetricQuestion(text=_one_sentence(question.text), options=tuple(one for one in options if one.drafts))


def _one_sentence(text: str) -> str:
    line = " ".join(plain(text.replace("higher is better", "")).split()).strip("#>*- ")
    return line if len(line) <= SENTENCE_LIMIT else f"{line[:SENTENCE_LIMIT].rstrip()} ..."


def _missing(head: str) -> str:
    """What the text asks for and no field tells; "" where a reply says that there is nothing."""
    stated = [match["value"] for match in _LINE.finditer(head) if match["key"].lower() == "missing"]
    words = _one_sentence(stated[0]) if stated else ""
    return "" if words.lower().rstrip(".") in NOTHING else words


def _subtasks(text: str) -> tuple[tuple[str, str], ...]:
    """The parts of the task that a reply names, each with its expression."""
    found = [(plain_line(one["name"]).strip(), one["expression"]) for one in _SUBTASK.finditer(without_thoughts(text))]
    named = {name: expression.strip().strip("`").strip() for name, expression in found if name}
    return tuple(list(named.items())[:SUBTASKS])


def _unit(stated: str) -> str:
    """A unit's symbol; "1" for shares and rates."""
    symbol = plain_line(stated).partition("(")[0].partition(",")[0].strip().rstrip(".")
    counted = any(word in symbol.lower() for word in _WORDS)
    return "1" if not symbol or counted or len(symbol) > UNIT_LIMIT else symbol


def _reference(stated: str) -> float | None:
    number = _NUMBER.search(stated[:SENTENCE_LIMIT])
    reference = float(number[0]) if number else math.nan
    return reference if math.isfinite(reference) else None
