"""Clips of a real run: drawn while it runs and on demand; a run without them is a run all the same."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from autoreward.ledger import list_runs
from autoreward.views import schemas
from tests.cli.conftest import DESIGN, Workplace, autoreward


def can_draw(folder: Path) -> bool:
    lines = [json.loads(line) for line in autoreward(folder, "doctor", "--json").out.splitlines()]
    found = {line["check"]: line["status"] == "ok" for line in lines}
    return found["rendering egl"] or found["rendering osmesa"]


def test_the_best_of_a_generation_is_drawn_while_it_runs(tmp_path: Path) -> None:
    if not can_draw(tmp_path):
        pytest.skip("no OpenGL here")
    done = autoreward(tmp_path, *DESIGN, "--set", "clips=true")
    assert done.code == 0, done.err
    (folder,) = list_runs(tmp_path / "runs")
    (clip,) = folder.glob("candidates/*/video.mp4")
    assert b"ftyp" in clip.read_bytes()[:12]
    assert str(clip.relative_to(tmp_path)) in done.out


@pytest.mark.thorough
def test_any_candidate_can_be_drawn(workplace: Workplace, tmp_path: Path) -> None:
    if not can_draw(tmp_path):
        pytest.skip("no OpenGL here")
    done = workplace("video", "last:g00c01", "-o", str(tmp_path / "clip.mp4"), "--json")
    assert done.code == 0, done.err
    view = json.loads(done.out)
    jsonschema.validate(view, schemas()["video"])
    assert (view["candidate"], view["seed"], view["episode"]) == ("g00c01", 0, "first")
    assert b"ftyp" in (tmp_path / "clip.mp4").read_bytes()[:12]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["last:g07c00"], 3, "no movement of g07c00"),
        (["last", "--seed", "9"], 2, "first of seed 0"),
        (["last", "--episode", "frist"], 2, "Did you mean 'first'?"),
    ],
)
def test_what_cannot_be_drawn_is_said(workplace: Workplace, arguments: list[str], code: int, words: str) -> None:
    done = workplace("video", *arguments)
    assert done.code == code
    assert words in done.err


@pytest.mark.thorough
def test_a_search_without_a_way_to_draw_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJOCO_GL", "disable")
    done = autoreward(tmp_path, *DESIGN, "--set", "clips=true")
    assert done.code == 0
    assert done.err.count("No clip:") == 1
    assert "best reward" in done.out
    asked = autoreward(tmp_path, "video", "last")
    assert (asked.code, asked.out) == (0, "")
    assert "No clip: nothing can be drawn here" in asked.err and "autoreward doctor" in asked.err
    view = json.loads(autoreward(tmp_path, "video", "last", "--json").out)
    assert view["file"] is None and view["problem"].startswith("No clip:")
