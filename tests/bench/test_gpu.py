"""The GPU measurement, rehearsed on the CPU with tiny numbers: every part is there, and written when it is there."""

from __future__ import annotations

import json
from pathlib import Path

import jax
import pytest

from autoreward.bench.gpu import REHEARSED, Plan, main, measure
from autoreward.errors import EnvironmentFailedError, UsageError


@pytest.mark.thorough  # four compilations of MJX; what they run is looked at in tests/trainer/backends too
def test_the_rehearsal_writes_a_line_for_each_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "gpu.jsonl"
    assert main(["--device", "cpu-mjx", "--out", str(file)]) == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert capsys.readouterr().out == file.read_text()
    assert [line["part"] for line in lines] == [
        "machine", "physics only", "population 1x1", "population 2x1", "training"
    ]  # fmt: skip
    first, physics, alone, two, trained = lines
    assert {"card", "driver", "versions", "command", "plan"} <= first.keys()
    assert first["versions"]["mujoco-mjx"] == "3.11.0"
    assert physics["env_steps_per_second"] > 0
    assert (alone["envs_a_member"], two["envs_a_member"]) == (8, 4)
    share = alone["share_of_physics"]["value"]
    assert share == pytest.approx(alone["env_steps_per_second"] / physics["env_steps_per_second"], abs=2e-3)
    assert alone["share_of_physics"]["passed"] == (share >= 0.7)
    assert two["times_the_time_of_1x1"]["at_least"] is False
    assert two["new_reward_start_seconds"]["goal"] == 2.0
    assert len(trained["success"]) == 2 and trained["success_on_cpu"] is None


@pytest.mark.thorough
def test_nothing_begins_after_the_limit() -> None:
    lines: list[dict[str, object]] = []
    measure(Plan(**{**vars(REHEARSED), "limit": -1.0}), lines.append)
    assert [line.get("skipped") for line in lines[1:]] == ["after the limit of -1 s"] * 4


def test_without_a_gpu_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    if jax.default_backend() == "gpu":
        pytest.skip("there is a GPU here")
    assert main([]) == EnvironmentFailedError.exit_code == 7
    assert "jax sees no GPU here" in capsys.readouterr().err


@pytest.mark.thorough
def test_an_unknown_environment_is_named() -> None:
    with pytest.raises(UsageError, match="'reacher' is not measured"):
        measure(Plan(envs=("inverted_pendulum", "reacher"), device="cpu-mjx", limit=-1.0), lambda line: None)
