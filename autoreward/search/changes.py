"""What changed from one winner to the next, where people choose: in a model's words, else read from the programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

from autoreward.analyzer.formulas import formulas
from autoreward.designer.parse import without_thoughts
from autoreward.designer.program import read_program
from autoreward.designer.prompts import one_line, render_changes
from autoreward.number_format import number
from autoreward.records import Candidate, Completion, Generation
from autoreward.search.asking import LedgerAsker
from autoreward.search.events import CHANGE, GENERATION, Change
from autoreward.search.leaderboard import Leaderboard
from autoreward.search.readers import SILENT, open_reader
from autoreward.search.session import Session

TOLD = 4  # changes of the next prompt
LIMIT = 700  # characters of one


def winner_changes(session: Session, index: int, earlier: Leaderboard) -> tuple[str, ...]:
    """What changed between successive winners before a generation, oldest first; each asked for once.

    Args:
        earlier: the candidates of all earlier generations.
    """
    changed = []
    for before, after in pairwise(successive_winners(session, index, earlier)):
        first, second = earlier.find(before), earlier.find(after)
        if first and second:
            compute = partial(_change, session, index, first.candidate, second.candidate)
            one = session.run.once(CHANGE, f"{before}-{after}", Change, compute)
            changed.append(f"{before} -> {after}: {one.text}")
    return tuple(changed[-TOLD:])


def successive_winners(session: Session, index: int, earlier: Leaderboard) -> list[str]:
    """The best after each generation and the best now, each once in a row."""
    done = (event.record(Generation) for event in session.run.events(GENERATION))
    found = [one.best for one in done if one.best is not None and one.index < index]
    found += [earlier.best.id] if earlier.best else []
    return [name for place, name in enumerate(found) if place == 0 or name != found[place - 1]]


def _change(session: Session, index: int, before: Candidate, after: Candidate) -> Change:
    """In the designer's words; where it is no language model, or says nothing, as the programs differ."""
    read = Change(text=difference_in_words(before.source, after.source), by="programs")
    if not session.designer.is_llm:
        return read
    try:
        asker = LedgerAsker(open_reader(session), "reading")
        key = f"g{index:02d}changes"
        (prompt,) = asker.keep(key, lambda: [render_changes(session.task.text, before, after, key)])
        reply = asker.answer([prompt])[prompt.id]
    except SILENT:
        return read
    text = _said(reply)
    return Change(text=text, by=session.designer.name) if text else read


def _said(reply: Completion) -> str:
    return one_line(without_thoughts(reply.text), LIMIT) if reply.status == "answered" else ""


def difference_in_words(before: str, after: str) -> str:
    """How one program differs from another: terms, their expressions and their weights; parameters."""
    old, new = read_program(before), read_program(after)
    if old is None or new is None:
        return "The program was rewritten."
    weights = [{term.name: term.weight for term in program.terms} for program in (old, new)]
    written = [formulas(source)[0] for source in (before, after)]
    rewritten = [name for name in weights[0] if name in weights[1] and written[0].get(name) != written[1].get(name)]
    parts = [
        ("added", _named(weights[1], [name for name in weights[1] if name not in weights[0]])),
        ("removed", _named(weights[0], [name for name in weights[0] if name not in weights[1]])),
        ("rewritten", rewritten),
        ("weights", _moved(weights[0], weights[1])),
        ("parameters", _moved(old.params, new.params)),
    ]
    told = [f"{what}: {', '.join(names)}" for what, names in parts if names]
    return f"{'; '.join(told).capitalize()}." if told else "Nothing but how it is written."


def _named(weights: Mapping[str, float], names: Sequence[str]) -> list[str]:
    return [f"{name} ({number(weights[name])})" for name in names]


def _moved(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    changed = [name for name, value in after.items() if before.get(name, value) != value]
    return [f"{name} {number(before[name])} -> {number(after[name])}" for name in changed]
