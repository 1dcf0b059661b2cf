"""Finds the templates and renders them: one loader for a checkout and for an installed wheel.

`prompts/` (every word shown to an LLM) lies at the top of a checkout and inside the package of a wheel.
Templates of other texts (a person's analysis, the exported file) lie beside the module that uses them and are
named with their folder: "analyzer/person.j2". A value that a template names and the caller forgot is an error.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoreward.plain_text import plain

if TYPE_CHECKING:
    from jinja2 import Environment

_PACKAGE = Path(__file__).parent


def prompts_directory() -> Path:
    """The folder of the prompt templates.

    Raises:
        FileNotFoundError: neither the package nor the checkout has one: the installation is incomplete.
    """
    # The package's own folder first: beside an installed package, "prompts" may be anybody's.
    for directory in (_PACKAGE / "prompts", _PACKAGE.parent / "prompts"):
        if directory.is_dir():
            return directory
    raise FileNotFoundError(f"no prompts/ in {_PACKAGE} or {_PACKAGE.parent}: the installation is incomplete")


def template_environment() -> Environment:
    """A new Jinja2 environment over `prompts/` and the package; blocks leave no blank lines, nothing is escaped.

    Who adds filters keeps it (`functools.cache`), and with it the templates that it compiled.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([str(prompts_directory()), str(_PACKAGE)]),
        undefined=StrictUndefined,
        autoescape=False,  # plain text for models and terminals, never a page
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["pyrepr"] = _python
    return environment


def render(name: str, /, **values: Any) -> str:
    """One template with its values: `render("analysis.j2", ...)`, `render("analyzer/person.j2", ...)`."""
    return _plain_environment().get_template(name).render(**values)


@cache  # a template is compiled once: that takes longer than to render it
def _plain_environment() -> Environment:
    return template_environment()


def _python(value: Any) -> str:
    """A value as Python source; with anything hidden in it that `repr` takes for printable, in ASCII."""
    source = repr(value)
    return source if plain(source) == source else ascii(value)
