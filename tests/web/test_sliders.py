"""Weights are moved, the ranking follows at once, and one click has them tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from autoreward.ledger import Run
from autoreward.ledger.run import PROPOSAL
from autoreward.records import Proposal, TermSums
from autoreward.web import sliders
from tests.web.serving import TOKEN, Served, serving, told_run

MEASURED = TermSums(
    program="g00c01", terms=("up", "calm"), weights=(1.0, 0.5), sums={"g00c00": (4.0, 0.0), "g00c01": (1.0, 2.0)}
)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A run whose programs are not called: what their terms come to is given."""
    monkeypatch.setattr(sliders.api, "term_sums", lambda name, settings: MEASURED)
    run = told_run(tmp_path)
    with serving(tmp_path / "runs", run) as served:
        yield served


def test_the_page_holds_what_every_episode_comes_to(served: Served) -> None:
    with httpx.Client() as client:
        client.get(served.address)
        page = client.get(served.of_run("/candidates/g00c01/sliders")).text
        assert "nothing is trained" in page and "before&#34;: [4.0, 2.0]" in page
        wrong = {"term": ["up"], "weight": ["nan"]}
        for form in (wrong, {"term": ["up"], "weight": []}, {"term": ["up"], "weight": ["1"]}):
            origin = {"origin": served.base}
            answer = client.post(served.of_run("/candidates/g00c01/sliders"), data=form, headers=origin)
            assert answer.status_code == 400


@pytest.mark.chromium
def test_a_slider_ranks_anew_and_is_trained(served: Served, page: Any) -> None:
    page.goto(f"{served.of_run('/candidates/g00c01/sliders')}?token={TOKEN}")
    first = "() => document.querySelector('#ranking td').textContent"
    assert page.evaluate(first) == "g00c00"
    page.locator("#slider-0").focus()
    for _ in range(20):  # to nothing
        page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.querySelector('#ranking td').textContent === 'g00c01'")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("s")
    page.get_by_text("the next generation trains this").wait_for()
    with Run.open(served.run, write=False) as run:
        (proposal,) = [event.record(Proposal) for event in run.events(PROPOSAL)]
    assert (proposal.candidate, proposal.weights) == ("g00c01", {"up": 0.0, "calm": 0.5})
