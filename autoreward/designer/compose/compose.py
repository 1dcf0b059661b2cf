"""`compose`: the embedded designer. It is not an LLM.

An evolutionary search over a library of reward terms made from the field declarations and the words of the task.
It needs no key and no network, costs nothing, and gives the same programs for the same brief and seed. It is the
baseline that a language model has to beat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from random import Random

from autoreward.designer.compose import operators
from autoreward.designer.compose.declared import words_of
from autoreward.designer.compose.forms import vary_form
from autoreward.designer.compose.library import Library, build_library
from autoreward.designer.compose.potentials import potential_programs
from autoreward.designer.compose.words import Aims, aims_of, plain_words, read_aims, stem, stems
from autoreward.designer.program import Program, read_program, term_at
from autoreward.records import Brief, CandidateSummary, Completion, EnvSpec, Finding, Prompt

_ATTEMPT = re.compile(r"r(\d+)$")
_QUOTED = re.compile(r"'(\w+)'")
CROSSING, MUTATING = (1, 7), (0, 2, 3, 4, 6)  # of the ways to go on, those with two parents and those with one
_HEEDED = ("steady", "thrift", "posture", "fast")


LAST = (float("-inf"), float("-inf"))


@dataclass(frozen=True)
class Elder:
    """An earlier candidate that was trained and can be read."""

    program: Program
    rank: tuple[float, float]  # (success, progress), higher is better


class Compose:
    """The designer that needs no language model."""

    name = "compose"
    is_llm = False

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Nothing to prepare: it waits for nobody."""

    def complete(self, prompt: Prompt) -> Completion:
        """The program for the prompt's slot, or a repaired one; the same for the same prompt."""
        source = _potential(prompt) if prompt.reward_brief.shaping_only else _program(prompt).source()
        said = "Put together by compose, which is not a language model."
        unheard = unheard_words(prompt.reward_brief.text, prompt.reward_brief.env)
        said += f" It knows no field or aim for: {', '.join(unheard)}." if unheard else ""
        text = f"```python\n{source}```\n\n{said}\n"
        return Completion(prompt=prompt.id, text=text, designer=self.name)

    def stop(self) -> None:
        """Nothing to stop: it waits for nobody."""


def unheard_words(text: str, env: EnvSpec) -> list[str]:
    """The words of a text that no aim, direction or field stands for; short ones and those of every text left out."""
    known = frozenset[str]().union(*(words_of(field) for field in env.fields), stems(env.description), stems(env.title))
    return [word for word in plain_words(text) if not (aims_of([stem(word)]) or stem(word) in known)]


def _program(prompt: Prompt) -> Program:
    brief = prompt.reward_brief
    return repaired(prompt) if prompt.repair_of is not None else proposals(brief)[brief.slot]


def _potential(prompt: Prompt) -> str:
    """The potential of the prompt's slot; where it was refused, another one."""
    brief, attempt = prompt.reward_brief, _ATTEMPT.search(prompt.id)
    place = brief.slot + brief.candidates * (int(attempt.group(1)) if attempt else 0)
    return potential_programs(brief, further=place)[place]


def proposals(brief: Brief, further: int = 0) -> list[Program]:
    """The programs of all slots of a generation, all different and new, then `further` spare ones.

    The slot that the brief names has no influence.
    """
    aims = read_aims(brief.text, brief.env.directions)
    held = brief.training.ranked if brief.training else ()
    library = build_library(brief.env, aims).named(held)
    elders = _elders(brief)
    earlier = [*(elder.program for elder in elders), *_failed(brief)]
    chosen: list[Program] = []
    for index, program in enumerate(_stream(brief, library, aims, elders)):
        heeded = operators.hold(_heeding(program, brief, library, index), library, held)
        rng = Random(f"{brief.seed}/{brief.generation}/{index}/again")
        chosen.append(_unseen(heeded, [*earlier, *chosen], library, held, rng))
        if len(chosen) == brief.candidates + further:
            return chosen
    raise AssertionError("the stream of programs is endless")


def _unseen(
    program: Program, earlier: Sequence[Program], library: Library, held: Sequence[str], rng: Random
) -> Program:
    """The program itself, or something near, or a new draw that is no multiple of an earlier one."""
    seen = {one.key(scaled=True) for one in earlier}
    near = (operators.retune(program, rng, sigma) for sigma in (0.2, 0.5, 1.0))
    draws = (operators.random_draw(library, rng) for _ in range(20))
    for attempt in (program, *near, *(operators.hold(draw, library, held) for draw in draws)):
        if attempt.key(scaled=True) not in seen:
            return attempt
    same = {one.key() for one in earlier}  # a library of one single term has multiples only
    while program.key() in same:
        program = operators.shift(program, rng, 0.5)
    return program


def repaired(prompt: Prompt) -> Program:
    """The refused program without the terms its findings name, where that leaves one; else another draw."""
    brief = prompt.reward_brief
    match = _ATTEMPT.search(prompt.id)
    attempt = int(match.group(1)) if match else 1
    spare = proposals(brief, 2 * brief.candidates + attempt)
    program = read_program(prompt.repair_of or "")
    named = _named_terms(program, prompt.findings, prompt.repair_of or "") if program else set()
    if program is not None and not program.base and named and attempt == 1 and set(program.names()) - named:
        for name in named:
            program = program.without(name)
        if program.key() not in {one.key() for one in spare[: brief.candidates]}:
            return program
    return spare[brief.candidates + 2 * brief.slot + min(attempt, 2) - 1]


def _named_terms(program: Program, findings: Sequence[Finding], source: str) -> set[str]:
    """The terms that findings speak of, by name or by line."""
    named = set()
    for finding in (one for one in findings if one.severity == "error"):
        named |= set(_QUOTED.findall(finding.message)) & set(program.names())
        if finding.line is not None:
            named |= {term_at(source, finding.line) or ""}
    return named - {""}


def _stream(brief: Brief, library: Library, aims: Aims, elders: list[Elder]) -> Iterator[Program]:
    """Programs without end; earlier candidates are varied where there are any, every other one at the very start."""
    fresh = _fresh(brief, library, aims)
    if not elders:
        yield from fresh
    varied = _varied(brief, library, elders, fresh)
    for index in count():
        yield next(fresh) if brief.generation == 0 and index % 2 == 0 else next(varied)


def _fresh(brief: Brief, library: Library, aims: Aims) -> Iterator[Program]:
    """Draws from the library; later generations go on behind what the first one has drawn."""
    begun = brief.history or brief.leaders  # nobody told of what earlier generations have drawn draws past all of it
    drawn = brief.candidates // 8 + 1 if begun else brief.candidates
    start = 0 if brief.generation == 0 else brief.candidates + (brief.generation - 1) * drawn
    for index in count(start):
        yield operators.recipe(library, index, Random(f"{brief.seed}/draw/{index}"), aims.aims)


def _varied(brief: Brief, library: Library, elders: list[Elder], fresh: Iterator[Program]) -> Iterator[Program]:
    """Eight ways to go on from the best, in turns, or those of them that go on from its parents."""
    best = _parent(brief) or elders[0].program
    second = next((elder.program for elder in elders if elder.program.key() != best.key()), best)
    liked_least = read_program(brief.worst.source) if brief.worst else None
    credit = _credit([*elders, *([Elder(liked_least, LAST)] if liked_least else [])])
    for index in count():
        rng = Random(f"{brief.seed}/{brief.generation}/{index}/vary")
        other = rng.choice(elders[: max(1, len(elders) // 2)]).program if brief.shown_as != "parents" else second
        ways = (
            lambda rng=rng: operators.retune(best, rng, 0.3),
            lambda rng=rng: operators.cross(best, second, rng),
            lambda rng=rng: operators.grow(best, library, rng),
            lambda rng=rng: operators.prune(best, credit, rng),
            lambda rng=rng: vary_form(operators.retune(best, rng, 0.3), rng),
            lambda: next(fresh),
            lambda rng=rng: operators.swap(best, library, rng),
            lambda rng=rng, other=other: operators.retune(operators.cross(other, best, rng), rng, 0.3),
        )
        able: Sequence[int] = range(len(ways))
        if brief.shown_as == "parents":
            able = CROSSING if second is not best else MUTATING
        yield ways[able[index % len(able)]]()


def _parent(brief: Brief) -> Program | None:
    """The program that this slot starts from; None where all slots start from the best."""
    named = brief.parent if brief.shown_as != "best" else None
    return read_program(named.source, named.id) if named else None


def _elders(brief: Brief) -> list[Elder]:
    """The readable earlier candidates, best first; a person's untrained program counts behind the trained ones."""
    by_id = {one.id: one for generation in brief.history for one in generation.candidates if _measured(one)}
    for one in (*brief.leaders, *([brief.parent] if brief.parent else [])):
        by_id.setdefault(one.id, one)
    elders = [Elder(program, _rank(one)) for one in by_id.values() if (program := read_program(one.source, one.id))]
    return sorted(elders, key=lambda elder: elder.rank, reverse=True)


def _failed(brief: Brief) -> list[Program]:
    """Earlier programs that were refused or failed: not to be proposed again."""
    failed = [one for generation in brief.history for one in generation.candidates if not _measured(one)]
    return [program for one in failed if (program := read_program(one.source))]


def _measured(candidate: CandidateSummary) -> bool:
    return candidate.success is not None or candidate.progress is not None


def _rank(candidate: CandidateSummary) -> tuple[float, float]:
    lowest = float("-inf")
    success = lowest if candidate.success is None else candidate.success
    return success, lowest if candidate.progress is None else candidate.progress


def _credit(elders: Sequence[Elder]) -> Mapping[str, float]:
    """Per term: mean place of the candidates that had it, above the mean of all (1 is best, 0 is worst)."""
    places = {index: 1.0 - index / max(1, len(elders) - 1) for index in range(len(elders))}
    mean = sum(places.values()) / len(places)
    credit = {}
    for name in {name for elder in elders for name in elder.program.names()}:
        mine = [places[index] for index, elder in enumerate(elders) if name in elder.program.names()]
        credit[name] = sum(mine) / len(mine) - mean
    return credit


def _heeding(program: Program, brief: Brief, library: Library, index: int) -> Program:
    """The program with what people's notes ask for, in four strengths by turns; it says what was understood."""
    asked = frozenset(aim for note in brief.notes for aim in aims_of(stems(note.text)) if aim in _HEEDED)
    if not asked:
        return program
    heeded = operators.heed(program, library, asked, 1.5 * (1 + index % 4))
    heard = f"Heard in the notes: {', '.join(aim for aim in _HEEDED if aim in asked)}."
    return replace(heeded, heard=heard)
