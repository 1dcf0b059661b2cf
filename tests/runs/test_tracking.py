"""A run as TensorBoard and Weights & Biases show it, from its ledger; offline, and without a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward.errors import EnvironmentFailedError
from autoreward.ledger import Run
from autoreward.ledger.recordings import write_recordings
from autoreward.process_environment import tracking_environment
from autoreward.recordings import MemberRecording, TrainingCurves
from autoreward.runs import tracking
from autoreward.runs.tracking import track_run, tracked
from tests.web.serving import told_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = told_run(tmp_path_factory.mktemp("told"), clips=1)
    one, two = np.array([1.0, np.nan]), np.array([[2.0], [4.0]])
    curves = TrainingCurves(np.array([50, 100]), one, one, one, one, two, two, two, np.zeros(2), two / two)
    with Run.open(folder, write=True) as opened:
        write_recordings(opened, "g00c01", [MemberRecording("g00c01", 0, ("up",), curves=curves)])
    return folder


def test_success_stands_beside_own_return_and_what_each_term_paid(run: Path) -> None:
    with Run.open(run, write=False) as opened:
        told = tracked(opened)
    series = {(one["place"], one["tag"]): (one["steps"], one["values"]) for one in told["series"]}
    assert series["g00c01/mean", "success"] == ([50, 100], [0.05, 0.1])
    assert series["g00c01/mean", "own_return"] == ([50, 100], [1.0, 1.0])
    known = told["candidates"]["g00c01"]
    assert known["hyperparameters"]["weight/up"] == 2.0 and known["results"] == {"success": pytest.approx(0.1)}
    assert list(told["clips"]) == ["g01c01"] and told["config"]["design"]["candidates"] == 8
    assert ["g01c01", "0.3"] in told["table"]["rows"]


def test_tensorboard_reads_it_and_a_second_time_replaces_the_first(run: Path, tmp_path: Path) -> None:
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="the extra track is not installed"
    )
    for _ in range(2):
        view = track_run(run, "tensorboard", tmp_path / "board")
    assert view.open_with == f"tensorboard --logdir {tmp_path / 'board'}"
    read = accumulator.EventAccumulator(str(tmp_path / "board/g00c01/mean"))
    read.Reload()
    assert [one.step for one in read.Scalars("success")] == [50, 100]
    assert [one.value for one in read.Scalars("success")] == pytest.approx([0.05, 0.1])
    member = accumulator.EventAccumulator(str(tmp_path / "board/g00c01/seed0"))
    member.Reload()
    assert [one.value for one in member.Scalars("income/up")] == pytest.approx([2.0, 4.0])  # weight 1 times 2 and 4
    assert {"success", "own_return", "progress", "length"} <= set(read.Tags()["scalars"])
    assert "program" in read.Tags()["tensors"]
    assert "_hparams_/session_start_info" in read.summary_metadata
    moving = accumulator.EventAccumulator(str(tmp_path / "board/g01c01/mean"))
    moving.Reload()
    assert moving.Images("clip")[0].encoded_image_string.startswith(b"GIF8")
    whole = accumulator.EventAccumulator(str(tmp_path / "board/run"))
    whole.Reload()
    assert set(whole.Tags()["tensors"]) == {"settings", "final table"}


def test_wandb_is_written_offline_and_holds_no_key(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="the extra track is not installed")
    for name in ("WANDB_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "canary-key-that-must-not-be-written")
    monkeypatch.delenv("WANDB_MODE", raising=False)
    view = track_run(run, "wandb", tmp_path / "board")
    assert view.open_with.startswith("wandb sync ")
    files = [file for file in (tmp_path / "board").rglob("*") if file.is_file()]
    (log,) = [file for file in files if file.suffix == ".wandb"]
    assert b"g00c01/mean/success" in log.read_bytes() and b"final table" in log.read_bytes()
    assert not any(b"canary-key" in file.read_bytes() for file in files)


def test_a_key_goes_along_only_where_a_person_asks_for_online() -> None:
    given = {"WANDB_API_KEY": "key", "OPENAI_API_KEY": "other", "PATH": "/bin", "WANDB_PROJECT": "robots"}
    assert tracking_environment(given)["WANDB_MODE"] == "offline"
    assert "WANDB_API_KEY" not in tracking_environment(given)
    online = tracking_environment({**given, "WANDB_MODE": "online"})
    assert online["WANDB_API_KEY"] == "key" and "OPENAI_API_KEY" not in online and online["WANDB_PROJECT"] == "robots"


def test_without_the_library_the_extra_is_named(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def command(*_: Any) -> list[str]:
        return ["/bin/sh", "-c", "cat > /dev/null; echo 'wandb is not installed'; exit 1"]

    monkeypatch.setattr(tracking.process_environment, "child_command", command)
    with pytest.raises(EnvironmentFailedError, match="wandb is not installed") as raised:
        track_run(run, "wandb", tmp_path / "board")
    assert raised.value.remedy == "pip install 'autoreward[track]'"
