"""The page on which candidates are compared: two to four on one clock, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from autoreward import api
from autoreward.people.consistency import self_agreement
from autoreward.people.ends import in_words
from autoreward.people.preferences import said_at_once
from autoreward.records import Choice, Preference
from autoreward.views import PreferenceView, SeveralView
from autoreward.web.site import Form, Site, go_to, read_form

REASONS = ("does the task", "smoother", "more natural", "more upright", "faster", "steadier", "less effort", "safer")
MOST = 4  # candidates side by side


def show_pair(site: Site, request: Request) -> Response:
    """The candidates that are named, or the pair that is asked about next; names are told after the answer."""
    folder, rater = str(site.folder(request)), site.rater(request)
    chosen = tuple(dict.fromkeys(request.query_params.getlist("c")))
    if chosen and not 2 <= len(chosen) <= MOST:
        raise HTTPException(400, f"{len(chosen)} candidates are chosen; 2 to {MOST} can be compared.")
    asked, remaining = _asked(folder, rater, chosen)
    told = api.preferences(folder)
    return site.page(
        request, "compare.html.j2",
        run=request.path_params["run"], links=site.links(request), shown=asked.shown, questions=asked.questions,
        remaining=remaining, steps=api.steps_of_clips(folder, asked.shown), reasons=REASONS, chosen=bool(chosen),
        round=() if chosen else api.newest_round(folder, rater=rater), said=_said(request, told),
        undone="undone" in request.query_params,
        earlier="earlier" in request.query_params, problem=self_agreement(told, rater).problem,
    )  # fmt: skip


def _asked(folder: str, rater: str, chosen: Sequence[str]) -> tuple[SeveralView, int]:
    """What is shown, and how many pairs are left to be asked about."""
    if chosen:
        return api.several(folder, chosen, rater=rater), 0
    pair = api.next_pair(folder, rater=rater, draw=False)
    questions = (pair.question,) if pair.question else ()
    return SeveralView(run=pair.run, rater=rater, shown=pair.shown, questions=questions), pair.remaining


def _said(request: Request, told: Sequence[Preference]) -> str:
    """What was answered just now, in words."""
    question = request.query_params.get("said", "")
    found = next((one for one in told if one.question == question), None)
    return in_words(said_at_once(told, found)) if found else ""


async def take_answer(site: Site, request: Request) -> Response:
    """Store the answer about all that were shown: durable before the next pair is."""
    form = await read_form(request)
    folder, rater = str(site.folder(request)), site.rater(request)
    said = await run_in_threadpool(_answer, folder, rater, form)
    shown = form.all("shown") if form.get("chosen") else ()
    earlier = all(one.status == "answered before" for one in said)  # in another tab; that answer stays
    return _compare(site, request, shown, said=said[0].question, **({"earlier": "yes"} if earlier else {}))


def _answer(folder: str, rater: str, form: Form) -> Sequence[PreferenceView]:
    shown, choice = form.all("shown"), form.get("choice")
    if len(shown) > MOST:
        raise HTTPException(400, f"{len(shown)} candidates are answered; 2 to {MOST} can be compared.")
    reasons = [*form.all("reason"), *([form.get("why")] if form.get("why").strip() else [])]
    asked = SeveralView(run="", rater=rater, shown=shown, questions=form.all("question"))
    return api.choose(folder, asked, _choice(choice, shown, form.all("worst")), reasons=reasons)


def _choice(choice: str, shown: Sequence[str], worst: Sequence[str]) -> Choice:
    """What the buttons say of the candidates that stand in these places."""
    places = {str(place): name for place, name in enumerate(shown, start=1)}
    if len(worst) > 1:
        raise HTTPException(400, "More than one is marked as the worst.")
    last = {"worst": places.get(worst[0], "")} if worst else {}
    if choice in ("tie", "both_bad"):
        return Choice.model_validate({"alike": choice, **last})
    if choice not in places:
        raise HTTPException(400, f"{choice[:40]!r} is none of the answers.")
    return Choice.model_validate({"best": places[choice], **last})


async def take_back(site: Site, request: Request) -> Response:
    """Take back what this rater said last; what was chosen to be compared, or was said of several, is shown again."""
    chosen = (await read_form(request)).all("c")
    folder, rater = str(site.folder(request)), site.rater(request)
    taken = await run_in_threadpool(lambda: api.take_back(folder, rater=rater))
    several = dict.fromkeys(name for one in taken for name in (one.a, one.b)) if len(taken) > 1 else ()
    return _compare(site, request, tuple(several) or chosen, undone="yes")


def _compare(site: Site, request: Request, shown: Sequence[str], **facts: str) -> Response:
    query = urlencode([*(("c", name) for name in shown), *facts.items()], quote_via=quote)
    return go_to(f"{site.links(request).run('compare')}?{query}")
