"""`prefer --rater vlm:MODEL`: a model on loopback answers the pairs of a run, from frames."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from autoreward.environment.clips import ClipMaker
from autoreward.environment.stills import encode_stills
from autoreward.ledger import Run, list_runs
from autoreward.people.preferences import preferences
from autoreward.views import schemas
from tests.cli.conftest import Workplace
from tests.commands import Finished, run_here
from tests.loopback import LoopbackServer, fails, images_of, says

LEFT = json.dumps({"A": "stands", "B": "falls", "better": "A", "why": "it stays up"})


@pytest.fixture
def workplace(workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A copy of the run, whose clips are grey pictures."""
    shutil.copytree(workplace.folder, tmp_path / "workplace")
    encode_stills(tmp_path / "stills", iter(np.full((3, 60, 200, 3), 90, np.uint8)), Fraction(4))
    monkeypatch.setattr(ClipMaker, "draw", lambda *_: (tmp_path / "stills").read_bytes())
    return replace(workplace, folder=tmp_path / "workplace")


def look(workplace: Workplace, server: LoopbackServer, *arguments: str) -> Finished:
    given = {"OPENAI_API_KEY": "sk-canary-key", "XDG_CONFIG_HOME": str(workplace.folder / "home")}
    rater = ("prefer", "last", "--rater", "vlm:openai/eyes", "--set", f"base_url={server.url}")
    return run_here(workplace.folder, *rater, *arguments, environment={**os.environ, **given})


def test_every_pair_is_answered_once_and_told_as_json(workplace: Workplace) -> None:
    with LoopbackServer(default=says(LEFT)) as server:
        done = look(workplace, server, "--json")
        again = look(workplace, server, "--json")
        assert len(server.requests) == 1, "two candidates are one pair"
        assert len(images_of(server.requests[0].body)) == 6
    assert done.code == again.code == 0, done.err
    (line,) = done.out.splitlines()
    view = json.loads(line)
    jsonschema.validate(view, schemas()["prefer"])
    assert (view["rater"], view["by"], view["status"]) == ("vlm:openai:eyes", "model", "stored")
    assert view["preferred"] == view["shown"][0] and view["reasons"] == ["it stays up"] and view["remaining"] == 0
    assert again.out == "" and "Nothing is left to be asked of it." in again.err
    (run,) = list_runs(workplace.folder / "runs")
    with Run.open(run, write=False) as opened:
        (said,) = preferences(opened)
    assert said.by == "model" and said.question == view["question"]
    assert not any(b"sk-canary-key" in file.read_bytes() for file in run.rglob("*") if file.is_file())


def test_in_words_each_answer_is_a_sentence(workplace: Workplace) -> None:
    with LoopbackServer(default=says(LEFT)) as server:
        done = look(workplace, server)
    assert done.code == 0 and "Drawing the clips" in done.err
    assert done.out.startswith("stored: g00c0") and done.out.endswith(": it stays up (vlm:openai:eyes)\n")


def test_what_goes_wrong_has_its_exit_code_and_stores_nothing(workplace: Workplace) -> None:
    with LoopbackServer(script=[says("I like both."), fails(401)]) as server:
        unread, refused = look(workplace, server, "--json"), look(workplace, server, "--json")
        with_words = look(workplace, server, "g00c00 > g00c01", "--json")
    told = [json.loads(done.out.splitlines()[-1])["error"] for done in (unread, refused, with_words)]
    assert [done.code for done in (unread, refused, with_words)] == [2, 5, 2]
    assert "names neither A nor B" in told[0]["message"] and "looks for itself" in told[2]["message"]
    assert "sk-canary-key" not in unread.out + refused.out + unread.err + refused.err
    nobody = workplace("prefer", "last", "--rater", "vlm:compose", "--json")
    assert nobody.code == 2 and "no language model" in json.loads(nobody.out)["error"]["message"]
    (run,) = list_runs(workplace.folder / "runs")
    with Run.open(run, write=False) as opened:
        assert preferences(opened) == []
