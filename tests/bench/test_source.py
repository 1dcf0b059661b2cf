"""`bench train --env ID`: real processes, tiny amounts; the numbers mean nothing here, that they are there does."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest

from autoreward import views
from autoreward.bench.source import SB3_SOURCE, bench_source
from autoreward.bench.train import Plan
from autoreward.config import Settings
from autoreward.errors import UsageError
from tests.cli.conftest import autoreward

SMALL = ("--set", "candidates=1", "--set", "seeds=1", "--set", "num_envs=8", "--set", "num_steps=64")


@pytest.mark.skipif(find_spec("stable_baselines3") is None, reason="stable-baselines3 is not installed")
@pytest.mark.thorough
def test_an_id_is_measured_alone_while_we_learn_and_while_sb3_learns(tmp_path: Path) -> None:
    done = autoreward(tmp_path, "bench", "train", "--env", "CartPole-v1", "--quick", "--json", *SMALL)
    view = json.loads(done.out)
    jsonschema.validate(view, views.schemas()["bench.train"])
    assert done.code == (0 if view["passed"] else 4), done.err
    assert [row["name"] for row in view["rows"]] == ["source", "one_process", "ours", "sb3_source"]
    assert all(row["rate"]["median"] > 0 and row["peak_memory"] > 2**20 for row in view["rows"])
    ratios = [(ratio["of"], ratio["to"], ratio["target"]) for ratio in view["ratios"]]
    assert ratios == [("ours", "source", None), ("ours", "one_process", 0.8), ("ours", "sb3_source", None)]
    assert view["env_steps"] % (8 * 64) == 0 and view["task"] == "env:return"


def test_a_row_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="no row physics") as caught:
        bench_source(Plan("CartPole-v1", 1, ("physics",)), Settings(), lambda event: None)
    assert SB3_SOURCE in caught.value.remedy
