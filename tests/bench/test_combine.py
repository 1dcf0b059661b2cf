"""The programs that `bench combine` trains, and what it does with results that are stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autoreward.bench.combine import TERMS, WAYS, WEIGHTS, CombineSize, measure_combinations, program_of
from autoreward.config import Settings
from autoreward.critic import check
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UnknownNameError, UsageError
from autoreward.reward.sandbox.sandbox import Sandbox


def unheard(event: Any) -> None:
    raise AssertionError("nothing is trained")


@pytest.mark.parametrize("env", TERMS)
def test_the_critic_accepts_all_programs_and_their_weights_are_what_they_are_called(env: str, sandbox: Sandbox) -> None:
    environment = open_environment(env, "forward")
    sources = [(name, program_of(env, name)) for name in WEIGHTS]
    verdicts = check(sources, environment.spec, environment.transitions, sandbox)
    weights = {one.candidate: dict(one.reward.weights) for one in verdicts if one.reward is not None}
    assert weights["wrong"] == {name: -weight for name, weight in weights["good"].items()}
    assert {abs(one) for one in weights["unscaled"].values()} == {1.0}
    assert weights["misleading"].keys() - weights["good"].keys() == {"backward"}


def test_stored_results_are_read_and_compared_by_seed(tmp_path: Path) -> None:
    """good - good does not exist; wrong - good is -2 with both seeds."""
    members = [
        {"candidate": name, "seed": seed, "status": "trained", "success": level + seed}
        for name, level in (("good", 3.0), ("wrong", 1.0), ("sparse", 0.0))
        for seed in (0, 1)
    ]
    stored = {"seeds": 2, "n_timesteps": 100, "seconds": 1.0, "members": members}
    (tmp_path / "hopper_fixed.json").write_text(json.dumps(stored), encoding="utf-8")
    view = measure_combinations("hopper", tmp_path, CombineSize(2, 100, ("fixed",)), Settings(), unheard)
    good, wrong, sparse = view.rows
    assert (good.way, good.weights, sparse.way) == ("fixed", "good", "sparse")
    assert good.fitness is not None and good.fitness.mean == 3.5 and good.difference is None
    assert wrong.difference is not None and wrong.difference.fitness.mean == -2.0
    with pytest.raises(UsageError, match="2 seeds x 100 steps, asked for 2 x 200"):
        measure_combinations("hopper", tmp_path, CombineSize(2, 200, ("fixed",)), Settings(), unheard)


def test_what_is_not_compared_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="hoper"):
        measure_combinations("hoper", tmp_path, CombineSize(1, 1, tuple(WAYS)), Settings(), unheard)
    with pytest.raises(UnknownNameError, match="episodc"):
        measure_combinations("hopper", tmp_path, CombineSize(1, 1, ("episodc",)), Settings(), unheard)
