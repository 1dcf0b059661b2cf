"""A run's page misses nothing that happens between its rendering and its first look at the events."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from autoreward.web import run_pages
from tests.web.conftest import PATIENCE
from tests.web.serving import TOKEN, serving, told_run


def test_a_start_that_fails_before_the_page_listens_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: Any) -> None:
        given[-1]("No key is set.")

    monkeypatch.setattr(run_pages, "start", fail)
    run = told_run(tmp_path)
    with (
        serving(tmp_path / "runs", run) as served,
        httpx.Client(base_url=served.base, timeout=PATIENCE / 1000, follow_redirects=True) as client,
    ):
        page = client.get(f"/runs/{run.name}", params={"token": TOKEN}).text
        answer = client.post(f"/runs/{run.name}/search", data={"what": "resume"}, headers={"origin": served.base})
        assert "has failed: No key is set." in answer.text
        assert first_word(client, page) == "event: changed"
        assert first_word(client, answer.text) == ":", "this page has said it already"


def first_word(client: httpx.Client, page: str) -> str:
    """What the events of a page say first."""
    (address,) = re.findall(r'sse-connect="([^"]+)"', page)
    with client.stream("GET", html.unescape(address)) as events:
        return next(line for line in events.iter_lines() if line and not line.startswith("retry"))
