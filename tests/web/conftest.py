"""A served run, and a browser that was given the address."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.web.serving import Served, serving, told_run

PATIENCE = 60_000  # [ms]: the machine may be busy


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    run = told_run(folder)
    with serving(folder / "runs", run) as served:
        yield served


@pytest.fixture
def person(served: Served) -> Iterator[httpx.Client]:
    """A browser that was given the address."""
    with httpx.Client(base_url=served.base) as client:
        assert client.get(served.address, follow_redirects=True).status_code == 200
        yield client


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page; whatever its script complains about fails the test."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: complaints.append("a dialog"))
    yield page
    context.close()
    assert complaints == []
