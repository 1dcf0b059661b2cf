"""`bench halving` on a bank made by hand: 24 rewards, one of which failed on a seed."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from autoreward.bench.bank import replay
from autoreward.bench.bank.rewards import BankReward
from autoreward.bench.bank.stored import PLAN, BankChunk, BankPlan, write_chunk
from autoreward.records import MemberResult, PPOSettings
from autoreward.views import schemas
from tests.cli.conftest import autoreward

REWARDS, SEEDS = 24, 4


def make_bank(folder: Path) -> None:
    """Reward i ends at success i on every seed; halfway it shows the same."""
    names = [f"r{index:02d}" for index in range(REWARDS)]
    rewards = tuple(BankReward(name=name, origin="bad", source="") for name in names)
    plan = BankPlan(
        env="hopper", task="forward", seeds=SEEDS, n_timesteps=300, evaluation_episodes=2, rewards_a_chunk=REWARDS,
        seed=0, ppo=PPOSettings(), list_digest="", rewards=rewards,
    )  # fmt: skip
    members = [
        MemberResult(candidate=name, seed=seed, status="failed" if (name, seed) == ("r23", 1) else "trained")
        for name in names
        for seed in range(SEEDS)
    ]
    chunk = BankChunk(
        index=0, rewards=tuple(names), digests=(), members=tuple(members), env_steps=1, seconds=1.0,
        steps_per_second=1.0, versions={},
    )  # fmt: skip
    success = np.broadcast_to(np.arange(REWARDS, dtype=np.float32)[:, None, None], (REWARDS, SEEDS, 30))
    arrays = {f"curve/{kind}": success for kind in ("success", "progress")}
    arrays |= {f"evaluation/{kind}": success[..., :2] for kind in ("success", "progress")}
    write_chunk(folder, chunk, {"steps": np.arange(1, 31) * 10, **arrays})
    (folder / PLAN).write_text(plan.model_dump_json())


@pytest.mark.thorough
def test_halving_is_judged_on_a_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "BANKS", 20)  # as its rungs tell the truth, few of them say it too
    make_bank(tmp_path / "bank")
    done = autoreward(
        tmp_path, "bench", "halving", "--env", "hopper", "--folder", "bank", "--resamplings", "200", "--json"
    )
    assert done.code == 0, done.err
    view = json.loads(done.out)
    jsonschema.validate(view, schemas()["bench.halving"])
    assert (view["rewards"], view["seeds"], view["best"], view["resamplings"]) == (24, 4, 23.0, 200)
    rows = {row["policy"]: row for row in view["rows"]}
    same = rows["half at 1/3"]  # rungs tell the truth here: the same candidate is chosen for two thirds of the steps
    assert (same["difference"]["mean"], same["not_worse"], same["steps"]) == (0.0, True, 0.6667)
    more = rows["half at 1/3, more candidates"]
    assert more["candidates"] == 12 and more["steps"] == 1.0
    assert more["difference"]["low"] > 0.0  # the best of 12 is better than the best of 8


def test_without_a_bank_it_says_how_to_train_one(tmp_path: Path) -> None:
    done = autoreward(tmp_path, "bench", "halving", "--env", "hopper", "--folder", "nowhere")
    assert done.code == 2
    assert "there is no reward bank" in done.err and "autoreward bench bank" in done.err
