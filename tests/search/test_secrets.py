"""A key is in nothing that a whole run writes or prints, not even where the server repeats it."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoreward import process_environment
from tests.loopback import LoopbackServer, fails, program_for
from tests.search.conftest import VICTIM

KEY = "canary-3f9a1c77d2e84b06"  # looks like no key of any provider, so no pattern can find it
FORMS = (KEY.encode(), base64.b64encode(KEY.encode()), KEY.encode("utf-16-le"))


@pytest.fixture
def talkative() -> Iterator[LoopbackServer]:
    """Says the key in an error that is tried again, then works."""
    repeated = fails(500, message=f"no luck with {KEY}", retry_after=0)
    with LoopbackServer([repeated], default=program_for) as server:
        yield server


def run(folder: Path, url: str) -> subprocess.CompletedProcess[bytes]:
    """A tiny search whose every file lies in a folder."""
    places = {name: str(folder / name.lower()) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    for place in places.values():
        Path(place).mkdir(parents=True, exist_ok=True)
    environment = process_environment.worker_environment(OPENAI_API_KEY=KEY, **places)
    command = [sys.executable, str(VICTIM), str(folder / "runs"), url]
    return subprocess.run(command, env=environment, capture_output=True, timeout=300)


def places_of_the_key(folder: Path, done: subprocess.CompletedProcess[bytes]) -> list[str]:
    texts = {"stdout": done.stdout, "stderr": done.stderr}
    texts |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [name for name, text in texts.items() for form in FORMS if form in text]


@pytest.mark.slow
def test_a_run_that_works(tmp_path: Path, talkative: LoopbackServer) -> None:
    done = run(tmp_path, talkative.url)
    assert done.returncode == 0, done.stderr
    asked = talkative.requests
    assert all(request.headers["Authorization"] == f"Bearer {KEY}" for request in asked)  # it was there to be leaked
    assert len(list((tmp_path / "runs").rglob("*"))) > 5
    assert places_of_the_key(tmp_path, done) == []
    assert KEY not in str([request.body for request in asked])


@pytest.mark.thorough
def test_a_run_that_is_refused(tmp_path: Path) -> None:
    with LoopbackServer(default=fails(401, message=f"Incorrect API key provided: {KEY}")) as server:
        done = run(tmp_path, server.url)
    assert done.returncode != 0
    assert b"[key]" in done.stderr
    assert places_of_the_key(tmp_path, done) == []
