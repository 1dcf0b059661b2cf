"""One analysis, two renderings: for the next prompt and for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from jinja2 import Template

from autoreward.analyzer.trajectories import PAYS, RAW
from autoreward.number_format import ABSENT, number, short, with_interval, with_unit
from autoreward.records import (
    Analysis,
    CurvePoint,
    EndStates,
    Fitness,
    Moment,
    ParentComparison,
    SeedOutcome,
    TermChange,
    TermReport,
    TrajectoryTable,
)
from autoreward.templates import template_environment

PROMPT_TEMPLATE = "analysis.j2"
PERSON_TEMPLATE = "analyzer/person.j2"
TRACES_TEMPLATE = "traces.j2"
OF_TERMS = ("flat_term", "saturated_term", "rare_term", "spiky_term")  # symptoms that success has no part in


def render_analysis(analysis: Analysis, for_prompt: bool, unit: str = "1", reference: float | None = None) -> str:
    """The analysis in words: compact for a model, aligned plain text for a person.

    Args:
        unit: of the success metric.
        reference: the success that the task declares as good.
    """
    return _template(for_prompt).render(
        analysis=analysis,
        unit=unit,
        reference=reference,
        ended=ended(analysis),
        curve=curve_table(analysis.curve, for_prompt),
        training_income=training_income_table(analysis),
        terms=terms_table(analysis.terms, for_prompt),
        parent=parent_table(analysis.comparison, for_prompt),
        parent_terms=parent_terms_table(analysis.comparison, for_prompt),
        other_changes=other_changes(analysis.comparison),
    )


def render_traces(analysis: Analysis) -> str:
    """What the terms paid while the candidate trained, without a number of success, for a model."""
    return _template(True, TRACES_TEMPLATE).render(
        analysis=analysis,
        traces=traces_table(analysis),
        symptoms=[symptom for symptom in analysis.symptoms if symptom.name in OF_TERMS],
    )


@cache
def _template(for_prompt: bool, name: str = PROMPT_TEMPLATE) -> Template:
    environment = template_environment()
    environment.filters |= {
        "number": number,
        "fit": with_interval,
        "measured": with_unit,
        "piped": _piped,
        "aligned": _aligned,
    }
    environment.filters |= {
        "table": lambda table: moments_table(table, for_prompt),
        "moments": key_moments,
        "income": episode_income_table,
        "fifths": income_in_fifths,
        "progress_in_fifths": progress_in_fifths,
        "end_lines": end_lines,
    }
    return environment.get_template(name if for_prompt else PERSON_TEMPLATE)


def _piped(table: Table) -> str:
    """Cells between bars: the fewest tokens."""
    return "\n".join(" | ".join(row) for row in (table.head, *table.rows))


def _aligned(table: Table) -> str:
    """Columns of equal width, the first to the left, the others to the right."""
    lines = (table.head, *table.rows)
    widths = [max(len(row[column]) for row in lines) for column in range(len(table.head))]

    def line(row: Sequence[str]) -> str:
        cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        return "  ".join(["  " + row[0].ljust(widths[0]), *cells]).rstrip()

    return "\n".join(line(row) for row in lines)


# --- The tables: what stands in which cell ---------------------------------------------------------------


ROUNDING = 1e-6  # of its range: an end of a term's range that is nearer to 0 is 0
FEW = 5  # values of a term over time in a prompt
SMALL = 0.01  # share of the income below which a prompt only names a term


class Table(NamedTuple):
    """A table of words, ready to be laid out."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def curve_table(points: Sequence[CurvePoint], for_prompt: bool = False) -> Table:
    """Training over time, one row a quantity: easy to read from left to right.

    A prompt has two digits, and leaves out the length of episodes where it is always the same.
    """
    shown = [point for point in points if _told(point)]
    head = ["environment steps", *(str(point.env_steps) for point in shown)]
    written = short if for_prompt else number
    rows = [
        ["success", *(written(point.success) for point in shown)],
        ["progress", *(written(point.progress) for point in shown)],
        ["own episodic return", *(written(point.own_return) for point in shown)],
    ]
    if not for_prompt or len({point.length for point in shown}) > 1:
        rows.append(["episode length", *(written(point.length) for point in shown)])
    return Table(head, rows if shown else [])


def _told(point: CurvePoint) -> bool:
    return point.own_return is not None or point.length is not None


def ended(analysis: Analysis) -> str:
    """How long the evaluation episodes of each seed were: "seed 0: all 1000 steps; seed 1: 12 to 40 steps".

    "" where that is not known, or all were equally long.
    """
    if len({length for one in analysis.by_seed for length in (one.shortest, one.longest)}) < 2:
        return ""
    return "; ".join(f"seed {one.seed}: {_lengths(one)} steps" for one in analysis.by_seed if one.shortest is not None)


def _lengths(one: SeedOutcome) -> str:
    if one.shortest == one.longest:
        return f"all {number(one.longest)}"
    return f"{number(one.shortest)} to {number(one.longest)}"


def training_income_table(analysis: Analysis) -> Table:
    """What each term paid a step in each part of training."""
    known = [term for term in analysis.terms if len(term.over_training) == len(analysis.curve)]
    head = ["environment steps", *(str(point.env_steps) for point in analysis.curve)]
    return Table(head, [[term.name, *(number(value) for value in term.over_training)] for term in known])


def traces_table(analysis: Analysis) -> Table:
    """The same in two digits, with the weight of each term and the whole own return below."""
    known = [term for term in analysis.terms if len(term.over_training) == len(analysis.curve)]
    head = ["term (weight)", *(f"at {point.env_steps}" for point in analysis.curve)]
    rows = [[f"{term.name} ({short(term.weight)})", *map(short, term.over_training)] for term in known]
    returns = ["own episodic return", *(short(point.own_return) for point in analysis.curve)]
    return Table(head, [*rows, returns] if rows else [])


def terms_table(terms: Iterable[TermReport], for_prompt: bool) -> Table:
    """One row a term; the prompt has its income over training in place of the means that a person sees."""
    moves = "income a step while training" if for_prompt else "mean start -> end"
    head = ["term", "weight", "share of income", moves, "range", "correlation with success"]
    return Table(
        head,
        [
            [
                term.name,
                _weight(term),
                f"{term.share:.0%}",
                _moves(term, for_prompt),
                _range(term),
                _correlation(term),
            ]
            for term in terms
        ],
    )


def _weight(term: TermReport) -> str:
    """Its weight; where it was learned, also what it began with."""
    before = "" if term.first_weight is None else f"{number(term.first_weight)} -> "
    return f"{before}{number(term.weight)}"


def _range(term: TermReport) -> str:
    """What rounding alone left over is 0."""
    low, high = (0.0 if abs(end) < ROUNDING * abs(term.high - term.low) else end for end in (term.low, term.high))
    return f"{number(low)} to {number(high)}"


def _correlation(term: TermReport) -> str:
    if term.correlation is None:
        return ABSENT
    return f"{term.correlation:+.2f}{' (progress)' if term.correlated_with == 'progress' else ''}"


def _moves(term: TermReport, for_prompt: bool) -> str:
    if not for_prompt:
        return f"{number(term.start)} -> {number(term.end)}"
    known = [value for value in term.over_training if value is not None]
    return ", ".join(
        map(short if for_prompt else number, _few(known or [term.weight * term.start, term.weight * term.end]))
    )


def _few(values: Sequence[float]) -> list[float]:
    """At most `FEW` of them, spread evenly, with the first and the last."""
    if len(values) <= FEW:
        return list(values)
    return [values[round(place * (len(values) - 1) / (FEW - 1))] for place in range(FEW)]


def moments_table(table: TrajectoryTable, for_prompt: bool) -> Table:
    """A row each for a model; a column each for a person: the names of fields are too long to stand side by side.

    A prompt tells what terms paid once, as sums over the parts of the episode.
    """
    summed = for_prompt and bool(table.income)
    hidden = ((PAYS,) if summed else ()) if for_prompt else (RAW,)
    kept = [place for place, name in enumerate(table.columns) if not name.startswith(hidden or ("\0",))]
    rows = [[table.columns[place] for place in kept]]
    written = short if for_prompt else number
    rows += [[number(row[0]), *(written(row[place]) for place in kept[1:])] for row in table.rows]
    shown = rows if for_prompt else [list(column) for column in zip(*rows, strict=True)]
    return Table(shown[0], shown[1:])


def key_moments(table: TrajectoryTable) -> list[str]:
    """The key moments in words, in order of time."""
    return [_moment(moment) for moment in table.moments]


def _moment(moment: Moment) -> str:
    start, end = f"{moment.start:.4g}", f"{moment.end:.4g}"
    if moment.name == "first_contact":
        return f"first contact at {start} s ({moment.what})"
    if moment.name == "best_second":
        return f"best second {start} to {end} s, pays {number(moment.income)} (highest: {moment.what})"
    if moment.name == "worst_second":
        return f"worst second {start} to {end} s, pays {number(moment.income)} (lowest: {moment.what})"
    if moment.name == "plateau":
        return f"nothing changes any more from {start} s on"
    return f"terminated at {start} s{f': {moment.what}' if moment.what else ''}"


def episode_income_table(table: TrajectoryTable) -> Table:
    """What each term paid in each part of an episode."""
    head = ["until [s]", *(number(end) for end in table.part_ends)]
    return Table(head, [[term.name, *(number(value) for value in term.parts)] for term in table.income])


def income_in_fifths(table: TrajectoryTable) -> list[str]:
    """The same with pairs of tenths added up, a line a term; small terms are only counted."""
    even = len(table.part_ends) == 2 * FEW
    sizes = {term.name: sum(map(abs, term.parts)) for term in table.income}
    small = {name for name, size in sizes.items() if size < SMALL * sum(sizes.values())}
    lines = []
    for term in table.income:
        pairs = [sum(term.parts[2 * i : 2 * i + 2]) for i in range(FEW)] if even else term.parts
        lines += [] if term.name in small else [f"{term.name}: {', '.join(map(short, pairs))}"]
    return [*lines, *([f"below 1 %: {', '.join(name for name in sizes if name in small)}"] if small else [])]


def progress_in_fifths(table: TrajectoryTable) -> str:
    """The task's progress up to the end of each of the same parts."""
    values = table.progress[1::2] if len(table.progress) == 2 * FEW else table.progress
    return ", ".join(map(short, values))


def end_lines(ends: Sequence[EndStates]) -> list[str]:
    """How the evaluation episodes ended, a line a seed: "seed 0: 8 upright and moving, 2 on its back and still"."""
    return [_end_line(one) for one in ends]


def _end_line(one: EndStates) -> str:
    parts = [", ".join(f"{count} {state}" for state, count in one.counts.items())]
    parts += [f"{one.terminated} terminated"] if one.terminated else []
    parts += [f"{len(one.fell)} fell at {_span(one.fell)} s"] if one.fell else []
    parts += [f"{one.place} {_span(one.places)} m"] if one.places else []
    return f"seed {one.seed}: {'; '.join(parts)}"


def _span(values: Sequence[float]) -> str:
    """The least and the greatest of values in ascending order, in two digits."""
    low, high = short(values[0]), short(values[-1])
    return low if low == high else f"{low} to {high}"


def parent_table(comparison: ParentComparison | None, for_prompt: bool) -> Table:
    """What the candidate came to beside its parent, on equal seeds; a model is told whether it may be luck."""
    head = ["", "parent", "this one", "difference" if for_prompt else "difference [95 % interval]"]
    written = _difference if for_prompt else with_interval
    rows = [
        [one.quantity, number(one.parent), number(one.own), written(one.difference)]
        for one in (comparison.differences if comparison else ())
        if not for_prompt or one.quantity != "length" or one.parent != one.own
    ]
    return Table(head, rows)


def _difference(difference: Fitness) -> str:
    """A difference with a word for its interval, which with few seeds leaves what is possible."""
    low, high = difference.low, difference.high
    noise = low is not None and high is not None and low <= 0.0 <= high
    return f"{number(difference.mean)}{' (within noise)' if noise else ''}"


def parent_terms_table(comparison: ParentComparison | None, for_prompt: bool) -> Table:
    """The terms beside those of the parent; a prompt leaves out small ones that were kept."""
    terms = comparison.terms if comparison else ()
    total = sum(map(_size, terms))
    shown = [term for term in terms if not for_prompt or term.change != "kept" or _size(term) >= SMALL * total]
    rows = [
        [term.name, term.change, _both(term.parent_weight, term.weight), _both(term.parent_income, term.income)]
        for term in shown
    ]
    return Table(["term", "change", "weight", "income a step"], rows)


def _size(term: TermChange) -> float:
    return max(abs(term.parent_income or 0.0), abs(term.income or 0.0))


def _both(before: float | None, after: float | None) -> str:
    """Before and after where both are there and differ."""
    if before is None or after is None or before == after:
        return number(before if after is None else after)
    return f"{number(before)} -> {number(after)}"


def other_changes(comparison: ParentComparison | None) -> str:
    """Changed parameters and a changed potential, or ""."""
    if comparison is None:
        return ""
    params = [f"{name} {_param(before, after)}" for name, (before, after) in comparison.params.items()]
    sentences = [f"Parameters: {', '.join(params)}."] if params else []
    if comparison.potential in ("added", "removed", "rewritten"):
        sentences.append(f"Potential: {comparison.potential}.")
    return " ".join(sentences)


def _param(before: float | None, after: float | None) -> str:
    return "removed" if after is None else f"{number(after)} (new)" if before is None else _both(before, after)
