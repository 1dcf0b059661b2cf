"""The pages on which candidates are watched: one, or several on one clock, and what is said to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from autoreward import api
from autoreward.people.consistency import self_agreement
from autoreward.people.preferences import read_rater
from autoreward.records import Judgement
from autoreward.views import PairView, PreferenceView
from autoreward.web.guard import COOKIE_AGE
from autoreward.web.site import RATER_COOKIE, Form, Site, go_to, read_form

REASONS = ("does the task", "smoother", "more natural", "more upright", "faster", "steadier", "less effort", "safer")
MOST = 4  # candidates side by side
_CANDIDATE = re.compile(r"g\d{2,3}c\d{2,3}")
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
    """The clip of an episode, drawn where it is missing; any part of it that is asked for."""
    folder, candidate, episode = site.folder(request), request.path_params["candidate"], request.path_params["episode"]
    if not _CANDIDATE.fullmatch(candidate):
        raise HTTPException(404, "There is no such candidate.")
    name = f"{folder}:{candidate}"
    path = api.clip(name, episode=episode, draw=False)
    if path is None:
        with site.drawing:
            path = api.clip(name, episode=episode)
    if path is None or episode not in EPISODES:
        raise HTTPException(404, "There is no such clip.")
    return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": "private, max-age=3600"})


def show_replay(site: Site, request: Request) -> Response:
    """A candidate in 3-D, made where that is missing; the replay itself stands in a frame that may do nothing else."""
    _replay(site, request)
    return site.page(request, "replay.html.j2", candidate=request.path_params["candidate"], links=site.links(request))


def send_replay(site: Site, request: Request) -> Response:
    """The replay alone, under a policy of its own: its script stands in it, and reaches nothing."""
    headers = {"Content-Security-Policy": REPLAY_POLICY, "Cache-Control": "private, max-age=3600"}
    return FileResponse(_replay(site, request), media_type="text/html", headers=headers)


def _replay(site: Site, request: Request) -> Path:
    folder, candidate = site.folder(request), request.path_params["candidate"]
    if not _CANDIDATE.fullmatch(candidate):
        raise HTTPException(404, "There is no such candidate.")
    with site.drawing:
        return api.replay(f"{folder}:{candidate}")


# --- Comparing ----------------------------------------------------------------------------------------------


def show_pair(site: Site, request: Request) -> Response:
    """The candidates that are named, or the pair that is asked about next; names are told after the answer."""
    folder, rater = str(site.folder(request)), site.rater(request)
    chosen = tuple(dict.fromkeys(request.query_params.getlist("c")))
    if chosen and not 2 <= len(chosen) <= MOST:
        raise HTTPException(400, f"{len(chosen)} candidates are chosen; 2 to {MOST} can be compared.")
    if chosen:
        asked, shown, remaining = api.questions(folder, chosen, rater=rater), chosen, 0
    else:
        pair = api.next_pair(folder, rater=rater, draw=False)
        asked, shown, remaining = [pair.question] if pair.question else [], pair.shown, pair.remaining
    return site.page(
        request, "compare.html.j2",
        run=request.path_params["run"], links=site.links(request), shown=shown, questions=asked, remaining=remaining,
        steps=api.steps_of_clips(folder, shown), reasons=REASONS, chosen=bool(chosen), said=_said(request, folder),
        problem=self_agreement(api.preferences(folder), rater).problem,
    )  # fmt: skip


def _said(request: Request, folder: str) -> str:
    """What was answered just now, in words."""
    question = request.query_params.get("said", "")
    found = next((one for one in api.preferences(folder) if one.question == question), None)
    return found.in_words() if found else ""


async def take_answer(site: Site, request: Request) -> Response:
    """Store the answer about all that were shown: durable before the next pair is."""
    form = await read_form(request)
    folder, rater = str(site.folder(request)), site.rater(request)
    said = await run_in_threadpool(_answer, folder, rater, form)
    shown = form.all("shown") if form.get("chosen") else ()
    query = urlencode([*(("c", name) for name in shown), ("said", said[0].question)], quote_via=quote)
    return go_to(f"{site.links(request).run('compare')}?{query}")


def _answer(folder: str, rater: str, form: Form) -> Sequence[PreferenceView]:
    shown, asked, choice = form.all("shown"), form.all("question"), form.get("choice")
    pairs = list(combinations(shown, 2))
    if not pairs or len(asked) != len(pairs) or len(shown) > MOST:
        raise HTTPException(400, "This is no answer about candidates that were shown.")
    reasons = [*form.all("reason"), *([form.get("why")] if form.get("why").strip() else [])]
    stored = []
    for question, pair in zip(asked, pairs, strict=True):
        verdict = _verdict(choice, shown, pair)
        if verdict is not None:
            view = PairView(run="", rater=rater, question=question, shown=pair)
            stored.append(api.answer(folder, view, verdict, reasons=reasons))
    if not stored:
        raise HTTPException(400, f"{choice!r} is none of the answers.")
    return stored


def _verdict(choice: str, shown: Sequence[str], pair: tuple[str, str]) -> Judgement | None:
    """What a choice among all that were shown says of two of them; None: nothing."""
    if choice == "tie":
        return "tie"
    if choice == "both_bad":
        return "both_bad"
    best = shown[int(choice) - 1] if choice.isdecimal() and 1 <= int(choice) <= len(shown) else None
    return "a" if best == pair[0] else "b" if best == pair[1] else None


async def take_back(site: Site, request: Request) -> Response:
    """Take back the newest answer of this rater."""
    folder, rater = str(site.folder(request)), site.rater(request)
    await run_in_threadpool(lambda: api.take_back(folder, rater=rater))
    return go_to(site.links(request).run("compare"))


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
