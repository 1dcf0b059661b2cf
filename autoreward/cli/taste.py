"""`autoreward taste`: what explains the choices of people, and how far they agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoreward.cli.options import CandidateArgument, Globals
from autoreward.cli.output import Output
from autoreward.number_format import number

if TYPE_CHECKING:
    from autoreward.views import Explanation, RaterView

COUNTS = {1: "one taste", 2: "two tastes", 3: "three tastes", 4: "four tastes"}


def taste(
    context: typer.Context,
    run: CandidateArgument = "last",
    directory: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where a program for each taste is written.")
    ] = None,
) -> None:
    """Say which terms, fields and symptoms explain what people prefer, and how far they agree."""
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    view = api.taste(run, directory, settings=options.settings())
    if output.json:
        output.line(view)
        return
    from autoreward.cli.tables import table

    rows = table("term", ">weight", *(f">liked by {', '.join(one.raters)}" for one in view.tastes))
    for term in view.terms:
        rows.add_row(term.name, number(term.weight), *(number(weight) for weight in term.liked))
    output.show(f"{COUNTS[len(view.tastes)]}, from {view.answers} answers, in the terms of {view.program}", rows)
    output.show(*(_rater_line(one) for one in view.raters))
    output.show(
        *(_explained(one, "field") for one in view.fields), *(_explained(one, "symptom") for one in view.symptoms)
    )
    output.show(*view.files)
    for one in view.raters:
        if one.problem:
            output.warn(f"{one.rater}: {one.problem}")


def _rater_line(one: RaterView) -> str:
    """`anna: 12 answers; agrees with itself 1 of 1, with others 4 of 5, with the metric 7 of 11`."""
    pairs = (("itself", one.itself), ("others", one.others), ("the metric", one.metric))
    told = [f"with {who} {agreed} of {asked}" for who, (agreed, asked) in pairs if asked]
    return f"{one.rater}: {one.answers} answers" + (f"; agrees {', '.join(told)}" if told else "")


def _explained(one: Explanation, kind: str) -> str:
    """`field |torso_pitch|: smaller for the preferred one in 11 of 12 choices`."""
    return f"{kind} {one.name}: {one.direction} for the preferred one in {one.choices} of {one.of} choices"
