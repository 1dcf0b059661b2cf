"""The pages on which one candidate is watched, its clips, and the notes that are made on it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from autoreward import api
from autoreward.errors import AutorewardError
from autoreward.people.preferences import read_rater
from autoreward.web.guard import COOKIE_AGE
from autoreward.web.jobs import Waiting
from autoreward.web.site import RATER_COOKIE, Form, Site, go_to, read_form

_CANDIDATE = re.compile(r"g\d{2,3}c\d{2,3}")
# No 'unsafe-eval': the viewer asks for it for what it draws as splats, which a replay has none of, and says so once.
REPLAY_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; connect-src data: blob:; worker-src blob:; "
    "form-action 'none'; frame-ancestors 'self'; base-uri 'none'"
)
EPISODES = ("first", "best", "worst")


def show_candidate(site: Site, request: Request) -> Response:
    """One candidate."""
    name = f"{site.folder(request)}:{request.path_params['candidate']}"
    return site.page(request, "candidate.html.j2", page=api.candidate_page(name), links=site.links(request))


def send_clip(site: Site, request: Request) -> Response:
    """The clip of an episode, any part of it that is asked for; where it is missing it is drawn behind the page."""
    clip = _clip(site, request)
    if isinstance(clip, Waiting):
        return PlainTextResponse(clip.in_words(), 202)
    return FileResponse(clip, media_type="video/mp4", headers={"Cache-Control": "private, max-age=3600"})


def tell_clip(site: Site, request: Request) -> Response:
    """Whether a clip is there, is being drawn, or cannot be; in words. The page asks until it knows."""
    try:
        clip = _clip(site, request)
    except AutorewardError as error:
        return JSONResponse({"state": "impossible", "words": error.message, "more": error.remedy})
    if isinstance(clip, Waiting):
        return JSONResponse({"state": "drawing", "words": clip.words, "more": clip.in_words()[len(clip.words) :]})
    return JSONResponse({"state": "there", "words": "", "more": ""})


def _clip(site: Site, request: Request) -> Path | Waiting:
    episode = request.path_params["episode"]
    if episode not in EPISODES:
        raise HTTPException(404, "There is no such clip.")
    name = _name(site, request)
    path = api.clip(name, episode=episode, draw=False)
    if path is not None:
        return path
    drawn = site.drawing.ask((name, episode), "Drawing the clip.", partial(api.clip, name, episode=episode))
    if drawn is None:
        raise HTTPException(404, "There is no such clip.")
    return drawn


def show_replay(site: Site, request: Request) -> Response:
    """A candidate in 3-D, made where that is missing; the replay itself stands in a frame that may do nothing else."""
    replay, candidate = _replay(site, request), request.path_params["candidate"]
    if isinstance(replay, Waiting):
        return site.waiting(request, replay, f"{candidate} in 3-D")
    return site.page(request, "replay.html.j2", candidate=candidate, links=site.links(request))


def send_replay(site: Site, request: Request) -> Response:
    """The replay alone, under a policy of its own: its script stands in it, and reaches nothing."""
    replay = _replay(site, request)
    if isinstance(replay, Waiting):
        return PlainTextResponse(replay.in_words(), 202)
    headers = {"Content-Security-Policy": REPLAY_POLICY, "Cache-Control": "private, max-age=3600"}
    return FileResponse(replay, media_type="text/html", headers=headers)


def _replay(site: Site, request: Request) -> Path | Waiting:
    name = _name(site, request)
    made = api.replay(name, make=False)
    if made is not None:
        return made
    replay = site.drawing.ask((name, "replay"), "Making the 3-D replay.", partial(api.replay, name))
    if replay is None:
        raise HTTPException(404, "There is no replay.")
    return replay


def _name(site: Site, request: Request) -> str:
    """`RUN:CANDIDATE`, of an address that names one."""
    candidate = request.path_params["candidate"]
    if not _CANDIDATE.fullmatch(candidate):
        raise HTTPException(404, "There is no such candidate.")
    return f"{site.folder(request)}:{candidate}"


# --- Notes and raters --------------------------------------------------------------------------------------


async def take_note(site: Site, request: Request) -> Response:
    """Store a note, on a candidate at a step where one is given."""
    form = await read_form(request)
    folder, rater, candidate, step = (
        str(site.folder(request)),
        site.rater(request),
        form.get("candidate"),
        form.get("step"),
    )
    about = f"{folder}:{candidate}" if candidate else folder
    number = int(step) if step.isdecimal() else None
    note = await run_in_threadpool(lambda: api.note(about, form.get("text"), step=number, rater=rater))
    if "hx-request" in request.headers:
        return site.page(request, "note.html.j2", note=note, anonymous=bool(form.get("anonymous")))
    return go_to(_back(site, request, form))


def _back(site: Site, request: Request, form: Form) -> str:
    """The page of this run that a form stood on."""
    home = site.links(request).run()
    return form.get("back") if form.get("back").startswith(home) else home


async def change_rater(site: Site, request: Request) -> Response:
    """Another person sits down at this browser."""
    form = await read_form(request)
    name = read_rater(form.get("rater"))
    back = form.get("back")
    response = go_to(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
    response.set_cookie(RATER_COOKIE, quote(name), max_age=COOKIE_AGE, httponly=True, samesite="strict")
    return response
