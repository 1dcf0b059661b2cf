"""One analysis, two renderings: for the next prompt and for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from autoreward.analyzer.numbers import ABSENT, number, with_interval
from autoreward.records import Analysis, CurvePoint, TermReport, TrajectoryTable
from autoreward.templates import template_environment

PROMPT_TEMPLATE = "analysis.j2"
PERSON_TEMPLATE = "analyzer/person.j2"


class Table(NamedTuple):
    """A table of words, ready to be laid out."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def written(analysis: Analysis, for_prompt: bool) -> str:
    """The analysis in words: compact for a model, aligned plain text for a person."""
    environment = template_environment()
    environment.filters |= {"number": number, "fit": with_interval, "piped": _piped, "aligned": _aligned}
    template = environment.get_template(PROMPT_TEMPLATE if for_prompt else PERSON_TEMPLATE)
    return template.render(
        analysis=analysis,
        curve=_curve(analysis.curve),
        terms=_terms(analysis.terms),
        trajectories=[(table.label, _moments(table, for_prompt)) for table in analysis.trajectories],
    )


def _curve(points: Sequence[CurvePoint]) -> Table:
    """Training over time, one row a quantity: short for a model, and easy to read from left to right."""
    shown = [point for point in points if point.own_return is not None or point.length is not None]
    head = ["environment steps", *(str(point.env_steps) for point in shown)]
    rows = [
        ["success", *(number(point.success) for point in shown)],
        ["progress", *(number(point.progress) for point in shown)],
        ["own episodic return", *(number(point.own_return) for point in shown)],
        ["episode length", *(number(point.length) for point in shown)],
    ]
    return Table(head, rows if shown else [])


def _terms(terms: Iterable[TermReport]) -> Table:
    head = ["term", "weight", "share of income", "mean start -> end", "range", "correlation with success"]
    return Table(
        head,
        [
            [
                term.name,
                number(term.weight),
                f"{term.share:.0%}",
                f"{number(term.start)} -> {number(term.end)}",
                f"{number(term.low)} to {number(term.high)}",
                ABSENT if term.correlation is None else f"{term.correlation:+.2f}",
            ]
            for term in terms
        ],
    )


def _moments(table: TrajectoryTable, a_row_each: bool) -> Table:
    """A row each for a model; a column each for a person: the names of fields are too long to stand side by side."""
    rows = [list(table.columns), *([number(value) for value in row] for row in table.rows)]
    shown = rows if a_row_each else [list(column) for column in zip(*rows, strict=True)]
    return Table(shown[0], shown[1:])


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
