"""The addresses of the page, and what is answered where something goes wrong."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from autoreward.config import Settings
from autoreward.errors import AutorewardError, RunLockedError, StorageError, UnknownNameError
from autoreward.pages.rendering import ASSETS
from autoreward.web import comparing, run_pages, sliders, watching
from autoreward.web.guard import Access, Guard
from autoreward.web.site import Site

TYPES = {".css": "text/css", ".js": "text/javascript"}


def make_app(settings: Settings, access: Access) -> ASGIApp:
    """The application that serves a folder of runs.

    Args:
        settings: say where the runs are.
        access: what gives access to it.
    """
    site = Site(settings)
    failed = partial(_failed, site)
    app = Starlette(
        routes=[*_routes(site), Route("/assets/{name}", _asset)],
        exception_handlers={AutorewardError: failed, HTTPException: failed, Exception: failed},
    )
    return Guard(app, access)


def _routes(site: Site) -> list[BaseRoute]:
    run = "/runs/{run}"
    shown = [
        ("/", run_pages.show_runs),
        (run, run_pages.show_run),
        (f"{run}/live", run_pages.show_live),
        (f"{run}/events", run_pages.send_events),
        (f"{run}/metric", run_pages.show_metric),
        (f"{run}/feedback", run_pages.show_feedback),
        (f"{run}/compare", comparing.show_pair),
        (run + "/candidates/{candidate}", watching.show_candidate),
        (run + "/candidates/{candidate}/sliders", sliders.show_sliders),
        (run + "/candidates/{candidate}/replay", watching.show_replay),
        (run + "/candidates/{candidate}/replay.html", watching.send_replay),
        (run + "/clips/{candidate}/{episode}.mp4", watching.send_clip),
        (run + "/clips/{candidate}/{episode}", watching.tell_clip),
        (run + "/metric/{clip}.mp4", run_pages.send_metric_clip),
    ]
    changing = [
        (f"{run}/delete", run_pages.delete_run),
        (f"{run}/search", run_pages.search_on),
        (f"{run}/metric/accept", run_pages.accept_metric),
        (f"{run}/notes", watching.take_note),
        (f"{run}/compare", comparing.take_answer),
        (f"{run}/undo", comparing.take_back),
        (run + "/candidates/{candidate}/sliders", sliders.take_weights),
        ("/rater", watching.change_rater),
    ]
    return [
        *(Route(path, partial(answer, site), methods=["GET"]) for path, answer in shown),
        *(Route(path, partial(answer, site), methods=["POST"]) for path, answer in changing),
    ]


def _asset(request: Request) -> Response:
    """A style sheet or a script of ours."""
    path = ASSETS / request.path_params["name"]
    if path.suffix not in TYPES or path not in ASSETS.iterdir():
        raise HTTPException(404)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"Cache-Control": "max-age=3600"})


def _failed(site: Site, request: Request, error: Exception) -> Response:
    """What went wrong, in words; a bug tells nothing of its inside."""
    if isinstance(error, HTTPException):
        status, message, remedy = error.status_code, error.detail, ""
    elif isinstance(error, AutorewardError):
        status, message, remedy = _status(error), error.message, error.remedy
    else:
        status, message, remedy = 500, f"This is a bug in autoreward: {type(error).__name__}.", "Please report it."
    return site.page(request, "error.html.j2", status=status, message=message, remedy=remedy)


def _status(error: AutorewardError) -> int:
    if isinstance(error, UnknownNameError):
        return 404
    if isinstance(error, RunLockedError):
        return 409
    return 500 if isinstance(error, StorageError) else 400
