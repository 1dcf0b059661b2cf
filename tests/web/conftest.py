"""A served run, and a browser that was given the address."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.web.serving import Served, serving, told_run


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
