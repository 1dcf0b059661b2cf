"""A person's whole way: a search by people alone, two rounds in the page, an export; the clip becomes what was asked.

The person likes robots that run backwards and tells nobody. The language model is one on loopback that reads its
prompts: it knows of the person only what they hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward import api
from autoreward.config import Settings, load_settings
from autoreward.environment.clips import ClipMaker
from autoreward.errors import WaitingForPersonError
from autoreward.ledger import Run, list_runs
from autoreward.ledger.recordings import read_recordings
from autoreward.people.preferences import preferences
from autoreward.search.leaderboard import read_leaderboard
from tests.loopback import Answer, LoopbackServer, Recorded, says
from tests.web.serving import serving, tiny_clip

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.chromium, pytest.mark.thorough]

WAIT = 600_000  # [ms] for a generation on a busy machine
PROGRAM = '''"""Run at the wanted speed."""

WEIGHTS = {{"pace": {pace}, "calm": {calm}}}


def reward_terms(state, action, next_state, params):
    return {{
        "pace": next_state.torso_velocity[..., 0],
        "calm": jnp.sum(jnp.square(action), axis=-1),
    }}
'''


def model(request: Recorded) -> Answer:
    """At first one way and the other; then on from what people prefer, and away from what they like least."""
    words = [one["content"] for one in request.body["messages"]]
    if words[0].startswith("Two reward programs"):
        return says("The weight of pace has changed.")
    question = words[-1]
    slot = int((re.search(r"proposal (\d) of", question) or ["", "1"])[1]) - 1
    weights = [float(value) for value in re.findall(r'"pace": (-?[\d.]+)', question)]  # the preferred one comes first
    pace = weights[0] * (2.0 + slot) if weights else (1.0, -1.0)[slot % 2]
    program = PROGRAM.format(pace=pace, calm=-0.05 * (1 + slot))
    return says(f"Expected: it runs.\n\n```python\n{program}```")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")
    # What is shown need not be drawn: the person of this test sees what was recorded.
    monkeypatch.setattr(ClipMaker, "draw", lambda *_: tiny_clip())
    with LoopbackServer(default=model) as running:
        yield running


def small(runs: Path, server: LoopbackServer) -> Settings:
    return load_settings(
        {
            "model": "openai/scripted", "base_url": server.url, "select": "people", "candidates": 2, "generations": 2,
            "seeds": 1, "n_timesteps": 40_000, "final_seeds": 1, "evaluation_episodes": 1, "properties": 0,
            "clips": False, "runs": str(runs),
        }
    ).settings  # fmt: skip


def travelled(run: Path, candidate: str) -> float:
    """How far forward the clip of a candidate shows it to go [m]."""
    with Run.open(run, write=False) as opened:
        clips = [one.clips["first"] for one in read_recordings(opened, candidate, ["clip"]) if "first" in one.clips]
    return float(clips[0][-1, 0] - clips[0][0, 0])


def compare_all(page: Any, run: Path) -> None:
    """Answer what is asked, by key, until nothing is: the one that goes further back is better."""
    while page.locator("#answer").count():
        page.wait_for_function(
            "() => [...document.querySelectorAll('video')].filter(one => one.readyState >= 2).length == 2"
        )
        shown = [box.get_attribute("value") for box in page.locator("#answer input[name=shown]").all()]
        page.keyboard.press("1" if travelled(run, shown[0]) < travelled(run, shown[1]) else "2")
        page.get_by_text("is preferred to").wait_for()


def go_on(page: Any, address: str) -> None:
    """Have the page do what is missing, and wait until it has."""
    page.goto(f"{address}/feedback")
    page.get_by_role("button", name="Do what is missing").click()
    page.locator(".status.running").first.wait_for()
    page.wait_for_function("() => !document.querySelector('.facts .status.running')", timeout=WAIT)


def test_what_a_person_prefers_is_what_the_clip_becomes(page: Any, server: LoopbackServer, tmp_path: Path) -> None:
    settings = small(tmp_path / "runs", server)
    with pytest.raises(WaitingForPersonError, match="nobody has compared"):
        api.design("Move the way I like it.", env="half_cheetah", settings=settings)
    (run,) = list_runs(tmp_path / "runs")
    with serving(tmp_path / "runs", run) as served:
        page.goto(served.address)
        for generation in range(2):
            page.goto(f"{served.of_run('/compare')}")
            compare_all(page, run)
            page.get_by_text("Nothing is left to be asked").wait_for()
            if generation == 0:
                page.goto(served.of_run("/candidates/g00c01"))
                page.locator("#text").fill("just like this, but further")
                page.locator("#text").press("Enter")
                page.locator("#made li").wait_for()
            go_on(page, served.of_run())
        page.goto("about:blank")
    with Run.open(run, write=False) as opened:
        best, told = read_leaderboard(opened).best, preferences(opened)
    assert best is not None and best.candidate.generation == 1 and {one.by for one in told} == {"person"}
    first = [travelled(run, name) for name in ("g00c00", "g00c01")]
    assert travelled(run, best.id) < -2.0, "it runs backwards, as the choices asked"
    assert travelled(run, best.id) < min(np.mean(first), first[0] - 2.0), first
    sent = json.dumps([one.body for one in server.requests])
    assert "just like this, but further" in sent and "run backwards" not in sent
    export = api.export(str(run), tmp_path / "export", settings=settings)
    assert (tmp_path / "export" / "reward.py").is_file() and export
    assert re.search(r"pace.: -\d", (tmp_path / "export" / "reward.py").read_text())
