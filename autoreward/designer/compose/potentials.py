"""What `compose` writes for `--shaping-only`: potentials from the same library of terms, in several sizes.

Fresh ones are single readings of the state, then sums of two; later generations change the numbers of the best.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from math import exp
from random import Random

from autoreward.designer.compose.declared import along, ranked, reach_of
from autoreward.designer.compose.ingredients import Ingredient
from autoreward.designer.compose.library import build_library
from autoreward.designer.compose.words import Aims, read_aims
from autoreward.designer.program import NOT_AN_LLM, grouped
from autoreward.number_format import float_literal
from autoreward.records import Brief, CandidateSummary, EnvSpec

SIZES = (1.0, 0.2, 5.0)  # of a potential beside the task's reward of at most about 1 an episode
_PARAMS = re.compile(r"^PARAMS = \{.*?\}$", re.MULTILINE | re.DOTALL)
_USED = re.compile(r"params\[\"(\w+)\"\]")

Part = tuple[str, str, Mapping[str, float]]  # name, expression over `state` of size about 1, its parameters


def potential_programs(brief: Brief, further: int = 0) -> list[str]:
    """The programs of all slots of a generation, all different and new, then `further` spare ones."""
    seen = {_bare(one.source) for generation in brief.history for one in generation.candidates}
    seen |= {_bare(one.source) for one in (*brief.leaders, *([brief.parent] if brief.parent else []))}
    chosen: list[str] = []
    for source in _stream(brief, frozenset(seen)):
        if _bare(source) not in seen:
            seen.add(_bare(source))
            chosen.append(source)
        if len(chosen) == brief.candidates + further:
            break
    return chosen


def _stream(brief: Brief, tried: frozenset[str]) -> Iterator[str]:
    """Fresh programs without end; every other one is the best with other numbers where there is one."""
    aims = read_aims(brief.text, brief.env.directions)
    fresh = (source for source in _fresh(_parts(brief.env, aims), brief.seed) if _bare(source) not in tried)
    best = _best(brief)
    for index in count():
        rng = Random(f"{brief.seed}/{brief.generation}/{index}/potential")
        changed = _retuned(best, rng) if best is not None and index % 2 == 0 else None
        yield changed or next(fresh)


def _fresh(parts: Sequence[Part], seed: int) -> Iterator[str]:
    for size in SIZES:
        for part in parts:
            yield _program([(part, size)])
    for index in count():
        rng = Random(f"{seed}/{index}/sum")
        pair = rng.sample(range(len(parts)), min(2, len(parts)))
        yield _program([(parts[one], rng.choice(SIZES) * exp(rng.gauss(0.0, 0.5))) for one in sorted(pair)])


def _parts(env: EnvSpec, aims: Aims) -> list[Part]:
    """Readings of the state that tell how far a task has come, the likeliest first, each scaled to about 1."""
    library = build_library(env, aims)
    parts: dict[str, Part] = {}
    if aims.main == "travel" and aims.direction is not None:
        for source in ranked(env, aims, "m", ((3,), (2,), (1,), ()))[:1]:
            reading = along(source, aims.direction, env)
            if reading is not None:
                name = f"way_of_{source.name}"
                scaled = f"{grouped(_of_state(reading))} / {float_literal(reach_of(source, 1.0))}"
                parts[name] = (name, scaled, {})
    for one in (*library.goals, *library.guides):
        expression = one.potential or _of_goal(one)
        if expression:
            used = set(_USED.findall(expression))
            params = {name: value for name, value in one.params.items() if name in used}
            parts.setdefault(one.term.name, (one.term.name, expression, params))
    return list(parts.values()) or [("rest", "-jnp.mean(jnp.square(state.observation), axis=-1)", {})]


def _of_goal(one: Ingredient) -> str:
    """What a term pays, as a reading of the state alone; "" where it needs more than one state."""
    expression = one.term.expression
    if re.search(r"\baction\b|\bterminated\b|(?<!next_)state\.", expression):
        return ""
    return f"{float_literal(one.term.weight)} * {grouped(_of_state(expression))}"


def _of_state(expression: str) -> str:
    return expression.replace("next_state.", "state.")


def _program(chosen: Sequence[tuple[Part, float]]) -> str:
    names = " and ".join(part[0].replace("_", " ") for part, _ in chosen)
    params = {f"size_{place}": size for place, (_, size) in enumerate(chosen)}
    for part, _ in chosen:
        params |= part[2]
    parts = [f'params["size_{place}"] * {grouped(part[1])}' for place, (part, _) in enumerate(chosen)]
    joined = "\n        + ".join(parts)
    returned = f"(\n        {joined}\n    )" if len(parts) > 1 else joined
    lines = [f'"""Potential: {names}.', "", NOT_AN_LLM, '"""', "", _written(params), "", ""]
    lines += ["def potential(state, params):", f"    return {returned}"]
    return "\n".join(lines) + "\n"


def _written(params: Mapping[str, float]) -> str:
    return "PARAMS = {" + ", ".join(f'"{name}": {float_literal(value)}' for name, value in params.items()) + "}"


def _best(brief: Brief) -> str | None:
    """The source of the best earlier candidate, or of the reward that a person gave."""
    measured = [one for generation in brief.history for one in generation.candidates if one.success is not None]
    most = max(measured, key=lambda one: one.success or 0.0, default=None)
    best: CandidateSummary | None = next(iter(brief.leaders), brief.parent or most)
    return best.source if best else None


def _retuned(source: str, rng: Random) -> str | None:
    """The program with other numbers in PARAMS; None where it has none that can be read."""
    params = _PARAMS.search(source)
    try:
        values = ast.literal_eval(params.group().partition("=")[2].strip()) if params else {}
        changed = {str(name): float(value) * exp(rng.gauss(0.0, 0.7)) for name, value in values.items()}
    except (SyntaxError, ValueError, TypeError, AttributeError, OverflowError):
        return None
    return _PARAMS.sub(lambda match: _written(changed), source, count=1) if changed else None


def _bare(source: str) -> str:
    """A program without its docstring's words: what makes two of them the same."""
    return re.sub(r'""".*?"""', "", source, count=1, flags=re.DOTALL).strip()
