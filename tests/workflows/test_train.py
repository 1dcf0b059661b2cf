"""A population on files: those that are refused are told, and nothing is trained for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UnknownNameError
from autoreward.views import ProgressEvent
from autoreward.workflows.train import train_files

SETTINGS = Settings.model_validate(
    {
        "design": {"seeds": 2, "n_timesteps": 512, "evaluation_episodes": 1},
        "ppo": {"num_envs": 4, "num_steps": 64, "num_minibatches": 2, "hidden": [8]},
        "device": "cpu",
    }
)


@pytest.mark.thorough
def test_refused_files_stand_beside_what_was_trained(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("import os\n")
    events: list[Any] = []
    environment = open_environment("inverted_pendulum", "balance")
    view = train_files([str(bad), "human", "sparse"], environment, "balance", None, SETTINGS, events.append)
    assert [(line.file, line.seed, line.status) for line in view.lines] == [
        (str(bad), None, "refused"),
        ("human", 0, "trained"), ("human", 1, "trained"),
        ("sparse", 0, "trained"), ("sparse", 1, "trained"),
    ]  # fmt: skip
    assert "static.import" in [finding.rule for finding in view.lines[0].findings]
    assert "static.import" in view.lines[0].as_json() and view.lines[1].findings == ()
    assert view.totals.members == 4 and view.totals.env_steps == 4 * 512
    assert [check.status for check in view.checks] == ["refused", "accepted"]
    assert any(isinstance(event, ProgressEvent) and event.stage == "training" for event in events)


def test_a_misspelt_baseline_trains_nothing() -> None:
    environment = open_environment("inverted_pendulum", "balance")
    for name, meant in (("hooman", "human"), ("sparce", "sparse")):
        with pytest.raises(UnknownNameError) as caught:
            train_files(["human", name], environment, "balance", None, SETTINGS, print)
        assert f"Did you mean {meant!r}?" in caught.value.remedy
