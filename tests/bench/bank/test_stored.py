"""The plan of a bank, as its folder keeps it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autoreward.bench.bank.stored import BankPlan, open_plan
from autoreward.config import Settings
from autoreward.errors import UsageError
from autoreward.records import PPOSettings

ENV, TASK = "hopper", "forward"


SETTINGS = Settings(ppo=PPOSettings(num_envs=4, num_steps=64, num_minibatches=2, hidden=(8,)))


def test_a_bank_without_a_setting_of_today_is_refused(tmp_path: Path) -> None:
    plan = BankPlan(
        env=ENV, task=TASK, seeds=1, n_timesteps=512, evaluation_episodes=1, rewards_a_chunk=4, seed=0,
        ppo=PPOSettings(), list_digest="", rewards=(),
    )  # fmt: skip
    (tmp_path / "taken").touch()
    with pytest.raises(UsageError, match="is a file, expected a folder") as refused:
        open_plan(tmp_path / "taken" / "bank", plan)
    assert "--folder" in refused.value.remedy
    assert open_plan(tmp_path, plan) == open_plan(tmp_path, plan) == plan
    file = tmp_path / "bank.json"
    stored = json.loads(file.read_text("utf-8"))
    del stored["ppo"]["policy_average"]
    file.write_text(json.dumps(stored), "utf-8")
    with pytest.raises(UsageError, match=r"other values of ppo\.policy_average"):
        open_plan(tmp_path, plan)
