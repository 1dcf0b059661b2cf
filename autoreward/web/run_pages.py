"""The pages about a whole run: the list of runs, one run and how it stands, its metric, what people said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from autoreward import api
from autoreward.web.site import Site, go_to, read_form
from autoreward.web.starting import start

PERIOD = 1.0  # [s] between two looks at a run
GONE = "event: gone\ndata: This run was deleted meanwhile.\n\n"
GRAPHICS = "video/mp4"


def show_runs(site: Site, request: Request) -> Response:
    """All runs, the newest first; those that a search finds."""
    wanted = request.query_params.get("q", "").strip()
    words = wanted.lower().split()
    runs = [
        run
        for run in reversed(api.list_runs(site.settings.runs))
        if all(word in f"{run.run} {run.env} {run.task} {run.status}".lower() for word in words)
    ]
    template = "runs_table.html.j2" if "hx-request" in request.headers else "runs.html.j2"
    return site.page(request, template, runs=runs, wanted=wanted, folder=site.settings.runs)


async def delete_run(site: Site, request: Request) -> Response:
    """Delete a run for good."""
    await run_in_threadpool(api.delete_run, str(site.folder(request)))
    return go_to("/")


def show_run(site: Site, request: Request) -> Response:
    """One run."""
    folder = site.folder(request)
    page = api.run_page(str(folder))
    failure = site.failures.get(folder.name)
    return site.page(request, "run.html.j2", page=page, links=site.links(request), failure=failure)


def show_live(site: Site, request: Request) -> Response:
    """The parts of a run's page that change while it runs."""
    folder = site.folder(request)
    page, failure = api.run_page(str(folder)), site.failures.get(folder.name)
    return site.page(request, "run_live.html.j2", page=page, links=site.links(request), failure=failure)


def show_metric(site: Site, request: Request) -> Response:
    """What counts as success, and what that puts first and last."""
    folder = site.folder(request)
    return site.page(
        request, "metric.html.j2", page=api.metric_page(str(folder)), links=site.links(request),
        spends=api.spends(str(folder)),
    )  # fmt: skip


async def accept_metric(site: Site, request: Request) -> Response:
    """Store that the metric measures what this rater means."""
    folder, rater = str(site.folder(request)), site.rater(request)
    await run_in_threadpool(lambda: api.accept_metric(folder, rater=rater))
    return go_to(site.links(request).run("metric"))


def show_feedback(site: Site, request: Request) -> Response:
    """What people said, and the next generation."""
    folder = str(site.folder(request))
    return site.page(
        request, "feedback.html.j2", page=api.run_page(folder), links=site.links(request), spends=api.spends(folder),
        failure=site.failures.get(request.path_params["run"]),
    )  # fmt: skip


def send_metric_clip(site: Site, request: Request) -> Response:
    """The clip of an episode that a proposed metric puts first or last."""
    folder = site.folder(request) / "metric"
    names = {path.stem: path for path in folder.glob("*.mp4") if path.is_file() and not path.is_symlink()}
    path = names.get(request.path_params["clip"])
    if path is None:
        raise HTTPException(404, "There is no such clip.")
    return FileResponse(path, media_type=GRAPHICS)


async def search_on(site: Site, request: Request) -> Response:
    """Begin the next generation, go on with what is missing, or have the metric revised, in a process of its own."""
    form = await read_form(request)
    folder = site.folder(request)
    site.failures.pop(folder.name, None)
    on_end = partial(site.failures.__setitem__, folder.name)
    await run_in_threadpool(start, folder, form.get("what"), form.get("text"), form.get("model"), on_end)
    return go_to(site.links(request).run())


# --- Live ---------------------------------------------------------------------------------------------------


async def send_events(site: Site, request: Request) -> Response:
    """Server-sent events: one each time that something was added to the run, its status changed, or a start failed."""
    given = request.query_params
    try:
        folder = site.folder(request)
    except HTTPException:  # deleted before the page was connected, or while its connection was down
        return StreamingResponse(iter([GONE]), media_type="text/event-stream")
    known = tuple(given.get(name, "") for name in ("event", "status", "failure"))  # to the page that asks
    return StreamingResponse(_changes(site, folder, known), media_type="text/event-stream")


async def _changes(site: Site, folder: Path, known: tuple[str, ...]) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    while True:
        await anyio.sleep(PERIOD)
        if not folder.is_dir():  # deleted while it was looked at
            yield GONE
            return
        state = await run_in_threadpool(api.state, str(folder))
        now = (str(state.event), state.status, site.failures.get(folder.name, ""))
        if now != known:
            known = now
            yield f"event: changed\ndata: {state.event}\n\n"
        else:
            yield ":\n\n"  # so that a browser that has gone is noticed
