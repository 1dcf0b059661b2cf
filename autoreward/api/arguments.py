"""What the arguments that several public functions share stand for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autoreward.config import ARGUMENT, Settings, load_settings
from autoreward.errors import UsageError

OnEvent = Callable[[Any], None]


def ignore_event(event: Any) -> None:
    """The receiver of events where nobody listens."""


def chosen_settings(settings: Settings | None, overrides: dict[str, Any]) -> Settings:
    """The settings that were given, or those of the files and the environment under single ones by name.

    Raises:
        UsageError: both were given.
    """
    if settings is None:
        return load_settings(overrides, origin=ARGUMENT).settings
    if overrides:
        raise UsageError(
            f"Settings were given twice: as an object and by name ({', '.join(overrides)}).", "Give one of the two."
        )
    return settings


def find_folder(run: str, settings: Settings) -> tuple[Path, str | None]:
    """The folder of a run and, where one is named, the candidate."""
    from autoreward.ledger import find_candidate

    return find_candidate(Path(settings.runs), run)
