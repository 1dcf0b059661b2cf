"""`autoreward refine`: say what should be different, and run another generation."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from autoreward.cli.last_run import LAST, meant_run, run_and_words
from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output
from autoreward.cli.search import run_search
from autoreward.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from autoreward.config import Settings

EXAMPLE = 'autoreward refine last "what should be different"'


def refine(
    context: typer.Context,
    run: RunArgument = "last",
    note: Annotated[
        str | None, typer.Argument(metavar="NOTE", help='What should be different: "the left foot drags".')
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="CANDIDATE", help="What the new generation starts from: g01c02."),
    ] = None,
) -> None:
    """Put a note into the next prompt and run another generation; asks for notes where none is given.

    A NOTE of several words may stand alone: it is about the last run.
    """
    options: Globals = context.obj
    output, settings = Output(options), options.settings()
    named, note = run_and_words(context, run, note, lambda text: " " in text.strip())
    nothing = note is None and start is None
    if nothing and named in (None, LAST) and not options.interactive:
        raise UsageError("There is no note.", f"Give it: {EXAMPLE}")
    folder = _meant(output, settings, named, nothing)
    if not nothing:
        _one_generation(output, settings, folder, note or "", start)
        return
    if not options.interactive:
        raise UsageError("There is no note.", f"Give it: {EXAMPLE}")
    while note := typer.prompt("What should be different? (empty: enough)", default="", show_default=False, err=True):
        _one_generation(output, settings, folder, note)


def _meant(output: Output, settings: Settings, named: str | None, alone: bool) -> str:
    """The run; a single word that names none may have been meant as a note."""
    try:
        return meant_run(output, settings, named)
    except UnknownNameError as error:
        if named in (None, LAST) or not alone:
            raise
        as_note = f"As a note: autoreward refine last {shlex.quote(named)}"
        raise UsageError(error.message, f"{error.remedy} {as_note}") from error


def _one_generation(output: Output, settings: Settings, run: str, note: str, start: str | None = None) -> None:
    from autoreward import api

    run_search(
        output, settings, lambda on_event: api.refine(run, note, start=start, settings=settings, on_event=on_event)
    )
