"""The templates of pages. Every text is escaped, whoever wrote it; a value that is forgotten is an error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from autoreward.number_format import number
from autoreward.plain_text import plain

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
ASSETS = Path(__file__).parent / "assets"


class Links(Protocol):
    """Where things lie: on the server, or beside a report."""

    def run(self, part: str = "") -> str:
        """The page of the run, or a part of it."""

    def candidate(self, name: str) -> str:
        """The page of a candidate."""

    def clip(self, name: str, episode: str = "first") -> str | None:
        """The clip of an episode; None: there is none."""


def page_environment() -> Environment:
    """The Jinja2 environment of all pages."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters["number"] = number
    return environment


def _visible(value: Any) -> Any:
    """Text without anything that hides or reorders; what is markup already stays."""
    return plain(value) if type(value) is str else value


def asset(name: str) -> str:
    """The text of a style sheet or a script."""
    return (ASSETS / name).read_text(encoding="utf-8")
