"""One analysis, two renderings: for the next prompt and for a person."""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.analyzer import tables
from autoreward.analyzer.tables import Table
from autoreward.number_format import number, with_interval, with_unit
from autoreward.records import Analysis
from autoreward.templates import template_environment

PROMPT_TEMPLATE = "analysis.j2"
PERSON_TEMPLATE = "analyzer/person.j2"


def render_analysis(analysis: Analysis, for_prompt: bool, unit: str = "1", reference: float | None = None) -> str:
    """The analysis in words: compact for a model, aligned plain text for a person.

    Args:
        unit: of the success metric.
        reference: the success that the task declares as good.
    """
    environment = template_environment()
    environment.filters |= {
        "number": number,
        "fit": with_interval,
        "measured": with_unit,
        "piped": _piped,
        "aligned": _aligned,
    }
    environment.filters |= {
        "table": lambda table: tables.moments_table(table, for_prompt),
        "moments": tables.key_moments,
        "income": tables.episode_income_table,
        "fifths": tables.income_in_fifths,
    }
    template = environment.get_template(PROMPT_TEMPLATE if for_prompt else PERSON_TEMPLATE)
    return template.render(
        analysis=analysis,
        unit=unit,
        reference=reference,
        ended=tables.ended(analysis),
        curve=tables.curve_table(analysis.curve),
        training_income=tables.training_income_table(analysis),
        terms=tables.terms_table(analysis.terms, for_prompt),
        parent=tables.parent_table(analysis.comparison, for_prompt),
        parent_terms=tables.parent_terms_table(analysis.comparison, for_prompt),
        other_changes=tables.other_changes(analysis.comparison),
    )


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
