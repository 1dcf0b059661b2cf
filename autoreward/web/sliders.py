"""The page on which the weights of a program are moved, and what that does to the ranking of what was done."""

from __future__ import annotations

import json
import math
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from autoreward import api
from autoreward.records import TermSums
from autoreward.web.jobs import Waiting
from autoreward.web.site import Form, Site, go_to, read_form


def show_sliders(site: Site, request: Request) -> Response:
    """The weights of a candidate's program, and every stored episode under them."""
    folder, candidate = str(site.folder(request)), request.path_params["candidate"]
    measured = _measured(site, folder, candidate)
    if isinstance(measured, Waiting):
        return site.waiting(request, measured, f"Weights of {candidate}")
    return site.page(
        request, "sliders.html.j2", links=site.links(request), candidate=candidate, spends=api.spends(folder),
        weights=tuple(zip(measured.terms, measured.weights, strict=True)), sums=_as_json(measured),
        stored="stored" in request.query_params,
    )  # fmt: skip


def _measured(site: Site, folder: str, candidate: str) -> TermSums | Waiting:
    """What the terms come to; measured once for a state of the run, because the program is called for it."""
    key = (folder, candidate, api.state(folder).event)
    if key not in site.measured:
        work = partial(api.term_sums, f"{folder}:{candidate}", settings=site.settings)
        measured = site.measuring.ask(key, f"Calling the program of {candidate} on what was recorded.", work)
        if isinstance(measured, Waiting):
            return measured
        site.measured[key] = measured
    return site.measured[key]


def _as_json(measured: TermSums) -> str:
    sums = list(measured.sums.values())
    before = [sum(one * weight for one, weight in zip(row, measured.weights, strict=True)) for row in sums]
    return json.dumps({"names": list(measured.sums), "sums": sums, "before": before})


async def take_weights(site: Site, request: Request) -> Response:
    """Have the program tried with these weights in the next generation."""
    form = await read_form(request)
    about = f"{site.folder(request)}:{request.path_params['candidate']}"
    weights, rater = _weights(form), site.rater(request)
    await run_in_threadpool(lambda: api.propose(about, weights, rater=rater))
    return go_to(f"{request.url.path}?stored=yes")


def _weights(form: Form) -> dict[str, float]:
    try:
        named = {name: float(value) for name, value in zip(form.all("term"), form.all("weight"), strict=True)}
    except ValueError as error:
        raise HTTPException(400, "These are no weights.") from error
    if not all(map(math.isfinite, named.values())):
        raise HTTPException(400, "These are no weights.")
    return named
