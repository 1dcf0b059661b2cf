"""What an address and a form may hold."""

from __future__ import annotations

import httpx
import pytest

from tests.web.serving import Served


@pytest.mark.parametrize(
    "path",
    [
        "/assets/..%2fguard.py", "/assets/%2e%2e/guard.py", "/runs/%2e%2e/clips/g00c00/first.mp4",
        "/runs/RUN/clips/..%2f..%2frun.db/first.mp4", "/runs/RUN/clips/%2e%2e/first.mp4",
        "/runs/RUN/clips/g00c00/..%2freward.mp4", "/runs/RUN/metric/..%2f..%2frun.mp4", "/runs/RUN/candidates/..%2f..",
        "/runs/%2fetc/compare", "/runs/.hidden",
    ],
)  # fmt: skip
def test_no_path_leads_out(person: httpx.Client, served: Served, path: str) -> None:
    answer = person.get(path.replace("RUN", served.run.name))
    assert answer.status_code == 404 and "root" not in answer.text


@pytest.mark.parametrize("body", [b"\xff", b"a=1&" * 200, b"x" * 70_000])
def test_what_no_page_sends_is_refused(person: httpx.Client, served: Served, body: bytes) -> None:
    answer = person.post(f"/runs/{served.run.name}/notes", content=body, headers={"origin": served.base})
    assert answer.status_code in (400, 413)
