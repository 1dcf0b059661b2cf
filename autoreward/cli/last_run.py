"""The run of a command that also takes words: the last one where none is named, and which that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from autoreward.cli.output import Output

if TYPE_CHECKING:
    from autoreward.config import Settings

LAST = "last"


def run_and_words(
    context: typer.Context, run: str, words: str | None, is_words: Callable[[str], bool]
) -> tuple[str | None, str | None]:
    """RUN, None where it is not named, and what is said of it: words that stand alone are said of the last run.

    Args:
        run: the first argument, called so.
        words: the second one.
        is_words: whether the first can be nothing but words.
    """
    if words is None and is_words(run) and not Path(run).exists():
        return None, run
    source = context.get_parameter_source("run")
    return (None if source is not None and source.name == "DEFAULT" else run), words


def meant_run(output: Output, settings: Settings, run: str | None) -> str:
    """The path of the run that is meant, the same as long as the command lasts; which is the last one, is said.

    Raises:
        UnknownNameError, UsageError: there is no such run, or there are several.
    """
    from autoreward.api.arguments import find_folder

    folder = find_folder(LAST if run is None else run, settings)[0]
    if run is None:
        output.note(f"run {folder.name}", "dim")
    return str(folder)
