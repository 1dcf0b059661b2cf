"""`track` and `--track`: a run for TensorBoard and Weights & Biases, afterwards and at its end."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from autoreward.ledger import list_runs
from autoreward.process_environment import child_command
from autoreward.runs import tracking
from autoreward.views import schemas
from tests.cli.conftest import DESIGN, Workplace, autoreward


@pytest.fixture
def workplace(workplace: Workplace, tmp_path: Path) -> Workplace:
    """A copy: what is written into its run is in nobody else's."""
    shutil.copytree(workplace.folder, tmp_path / "workplace")
    return replace(workplace, folder=tmp_path / "workplace")


def test_a_run_is_tracked_afterwards_and_told_as_json(workplace: Workplace) -> None:
    pytest.importorskip("tensorboard", reason="the extra track is not installed")
    done = workplace("track", "last", "-o", "board", "--json")
    assert done.code == 0, done.err
    view = json.loads(done.out)
    jsonschema.validate(view, schemas()["track"])
    folder = workplace.folder / "board"
    assert (view["to"], view["folder"]) == ("tensorboard", str(folder))
    assert view["open_with"] == f"tensorboard --logdir {folder}" and view["series"] > 0
    for place in ("g00c00/mean", "g00c00/seed0", "g00c01/mean", "run"):
        assert list((folder / place).glob("events.*")), place


def test_in_words_it_says_how_to_look_at_it(workplace: Workplace) -> None:
    pytest.importorskip("tensorboard", reason="the extra track is not installed")
    done = workplace("track")
    (run,) = list_runs(workplace.folder / "runs")
    curves, how = done.out.splitlines()
    assert done.code == 0 and curves.endswith(f"curves in {run}/tensorboard")
    assert how == f"look at them: tensorboard --logdir {run}/tensorboard"


def test_where_it_cannot_be_written_nothing_is_touched(workplace: Workplace) -> None:
    unknown = workplace("track", "last", "--to", "excel", "--json")
    assert unknown.code == 2 and "excel" in json.loads(unknown.out)["error"]["message"]
    (workplace.folder / "mine").mkdir()
    (workplace.folder / "mine" / "thesis.txt").write_text("all of it")
    refused = workplace("track", "last", "-o", "mine/thesis.txt", "--json")
    assert refused.code in (2, 10) and json.loads(refused.out)["error"]["remedy"]
    assert (workplace.folder / "mine" / "thesis.txt").read_text() == "all of it"


def test_a_search_tracks_its_run_at_its_end(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="the extra track is not installed")
    done = autoreward(tmp_path, *DESIGN, "--track", "tensorboard", "--json")
    assert done.code == 0, done.err
    (run,) = list_runs(tmp_path / "runs")
    assert list((run / "tensorboard" / "g00c00" / "mean").glob("events.*"))
    assert f"curves for tensorboard: tensorboard --logdir {run}/tensorboard" in done.err, "where they lie is said"


def test_a_search_is_whole_though_it_cannot_be_tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = child_command("-c", "import sys; sys.stdin.read(); sys.exit('wandb is not installed')")
    monkeypatch.setattr(tracking, "track_command", lambda *_: missing)
    done = autoreward(tmp_path, *DESIGN, "--track", "wandb")
    assert done.code == 0 and "wandb is not installed" in done.err and "pip install 'autoreward[track]'" in done.err
    wrong = autoreward(tmp_path, *DESIGN, "--track", "paper")
    assert wrong.code == 2 and "paper" in wrong.err
