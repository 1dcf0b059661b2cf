"""What all pages share: where the runs are, how a run is named in an address, how a template becomes an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from autoreward.config import Settings
from autoreward.errors import UsageError
from autoreward.ledger import list_runs
from autoreward.pages.rendering import page_environment
from autoreward.people.preferences import read_rater
from autoreward.people.raters import rater_name
from autoreward.records import TermSums
from autoreward.web.jobs import Jobs, Waiting

if TYPE_CHECKING:
    from jinja2 import Environment

FORM_LIMIT = 1 << 16  # [bytes] of what a page sends
RATER_COOKIE = "autoreward_rater"


@dataclass(frozen=True)
class ServedLinks:
    """Addresses of one run."""

    run_id: str

    def run(self, part: str = "") -> str:
        """The page of the run, or one below it."""
        return f"/runs/{quote(self.run_id)}" + (f"/{part}" if part else "")

    def candidate(self, name: str) -> str:
        """The page of a candidate."""
        return self.run(f"candidates/{quote(name)}")

    def clip(self, name: str, episode: str = "first") -> str:
        """The clip of an episode, drawn when it is asked for."""
        return self.run(f"clips/{quote(name)}/{episode}.mp4")


@dataclass(frozen=True)
class Form:
    """What a page sent."""

    pairs: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The first value of a name; "" where there is none."""
        return next((value for key, value in self.pairs if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a name."""
        return tuple(value for key, value in self.pairs if key == name)


@dataclass(frozen=True)
class Site:
    """One served folder of runs."""

    settings: Settings
    templates: Environment = field(default_factory=page_environment)
    drawing: Jobs = field(default_factory=Jobs)  # one clip or replay at a time
    measuring: Jobs = field(default_factory=Jobs)  # one program at a time
    failures: dict[str, str] = field(default_factory=dict)  # by run: why the search that was started here last failed
    measured: dict[tuple[str, str, int], TermSums] = field(default_factory=dict)  # by run, candidate and newest event

    def folder(self, request: Request) -> Path:
        """The folder of the run that an address names: one of the runs there are, never a path.

        Raises:
            HTTPException: there is none of this name; it may have been deleted meanwhile.
        """
        name = request.path_params["run"]
        for path in list_runs(Path(self.settings.runs)):
            if path.name == name:
                return path
        raise HTTPException(404, "There is no such run; it may have been deleted.")

    def links(self, request: Request) -> ServedLinks:
        """Addresses of the run that this one belongs to."""
        return ServedLinks(request.path_params["run"])

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        """A template as an answer."""
        shared: Mapping[str, Any] = {"rater": self.rater(request), "path": request.url.path, "links": None}
        return HTMLResponse(self.templates.get_template(template).render({**shared, **values}), status)

    def waiting(self, request: Request, what: Waiting, heading: str) -> Response:
        """A page in place of one that is not there yet: it says what is done, and becomes the other one by itself."""
        return self.page(
            request, "waiting.html.j2", status=202, waiting=what, heading=heading, links=self.links(request)
        )

    def rater(self, request: Request) -> str:
        """Who is at this browser: the name that was chosen here, or that of the account."""
        try:
            return read_rater(unquote(request.cookies.get(RATER_COOKIE, "")))
        except UsageError:
            return rater_name(None)


async def read_form(request: Request) -> Form:
    """The fields that a page sent.

    Raises:
        HTTPException: they are no form, or too large a one.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            raise HTTPException(413, "This is more than a page sends.")
    try:
        return Form(tuple(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)))
    except ValueError as error:  # no UTF-8, too many fields
        raise HTTPException(400, "This is not what a page sends.") from error


def go_to(path: str) -> Response:
    """Have the browser ask for another page, as after every change."""
    return RedirectResponse(path, 303)
