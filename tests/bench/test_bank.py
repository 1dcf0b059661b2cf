"""The reward bank: its list, what is kept of a training, and going on after a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autoreward import process_environment
from autoreward.bench.bank.condense import bin_curve, bin_ends, condense
from autoreward.bench.bank.rewards import REWARDS, bank_rewards, file_rewards, list_digest
from autoreward.bench.bank.stored import BankPlan, open_plan, read_chunk, read_chunk_arrays, read_plan
from autoreward.bench.bank.summary import reliability
from autoreward.bench.bank.training import BankPlace, BankSize, identity, train_bank
from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.recordings import unflatten
from autoreward.records import PPOSettings
from autoreward.workflows.check import check_sources

pytestmark = pytest.mark.usefixtures("warm")

ENV, TASK = "hopper", "forward"
SETTINGS = Settings(ppo=PPOSettings(num_envs=4, num_steps=64, num_minibatches=2, hidden=(8,)))
SIZE = BankSize(seeds=2, n_timesteps=512, limit=5)  # two chunks of four rewards
CHECKOUT = Path(__file__).resolve().parents[2]


def ignore(event: object) -> None:
    """The receiver of events where nobody listens."""


@pytest.mark.parametrize("env", ["half_cheetah", pytest.param("hopper", marks=pytest.mark.thorough)])
def test_every_reward_of_the_list_is_accepted_and_pays_something_else(env: str) -> None:
    environment = open_environment(env, TASK)
    rewards = bank_rewards(environment, TASK)
    assert rewards[0].origin == "human"
    assert len(rewards) == len({reward.name for reward in rewards}) == REWARDS
    assert {reward.origin for reward in rewards} == {"compose", "human", "honest", "bad"}
    verdicts = check_sources([(reward.name, reward.source) for reward in rewards], environment, "basic")
    assert [verdict.candidate for verdict in verdicts if verdict.reward is None] == []
    assert len({identity(verdict.reward) for verdict in verdicts if verdict.reward}) == REWARDS


def test_the_list_is_the_same_each_time() -> None:
    environment = open_environment(ENV, TASK)
    assert list_digest(bank_rewards(environment, TASK)) == list_digest(bank_rewards(open_environment(ENV, TASK), TASK))


def test_a_curve_is_kept_in_forty_means() -> None:
    steps = np.arange(1, 81) * 100
    curve = np.full(80, np.nan)
    curve[0], curve[1] = 1.0, 3.0  # the first bin: mean 2
    curve[3] = 5.0  # of the second bin, one iteration without an episode
    kept = bin_curve(curve, steps)
    assert kept[0] == 2.0 and kept[1] == 5.0
    assert np.isnan(kept[2:]).all() and len(kept) == 40
    np.testing.assert_array_equal(bin_ends(steps)[[0, 1, 39]], [200, 400, 8000])


def test_a_short_curve_is_kept_whole() -> None:
    steps = np.array([10, 20, 30])
    np.testing.assert_array_equal(bin_curve(np.array([1.0, np.nan, 3.0]), steps), [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(bin_ends(steps), steps)


def test_two_trajectories_a_reward_are_kept_in_key_fields() -> None:
    arrays: dict[str, np.ndarray] = {}
    for seed in range(2):
        arrays |= {f"a/{seed}/{name}": np.arange(2.0) for name in ("success", "progress", "own_return", "length")}
        arrays |= {f"a/{seed}/evaluation_{name}": np.full(3, float(seed)) for name in ("success", "progress", "length")}
        arrays[f"a/{seed}/steps"] = np.array([8, 16])
    arrays["a/1/trajectory/best/torso_position"] = np.arange(75.0).reshape(25, 3)
    arrays["a/1/trajectory/best/torso_up"] = np.zeros((25, 3))
    kept = condense(unflatten(arrays, {}), ["a"], 2)
    assert kept["curve/success"].shape == (1, 2, 2)
    np.testing.assert_array_equal(kept["evaluation/success"][0], [[0, 0, 0], [1, 1, 1]])
    np.testing.assert_array_equal(kept["trajectory/a/best/torso_position"][:, 0], [0.0, 30.0, 60.0])
    assert not [name for name in kept if "torso_up" in name]


def test_a_killed_bank_goes_on_where_it_was(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    train_bank(BankPlace(ENV, TASK, whole), SIZE, SETTINGS, ignore)
    command = [sys.executable, "-m", "tests.bench.bank_victim", str(killed)]
    ended = subprocess.run(
        command, env=process_environment.worker_environment(), cwd=CHECKOUT, capture_output=True, text=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert read_chunk(killed, 0) is not None and read_chunk(killed, 1) is None
    first = (killed / "chunk00.npz").stat().st_mtime_ns
    view = train_bank(BankPlace(ENV, TASK, killed), SIZE, SETTINGS, ignore)
    assert (killed / "chunk00.npz").stat().st_mtime_ns == first
    assert read_plan(killed) == read_plan(whole)
    for index in range(2):
        one, other = read_chunk(whole, index), read_chunk(killed, index)
        assert one is not None and other is not None and one.members == other.members
        again = read_chunk_arrays(killed, index)
        for name, array in read_chunk_arrays(whole, index).items():
            np.testing.assert_array_equal(array, again[name], err_msg=name)
    assert len(view.rows) == 8 and view.rewards == REWARDS
    assert view.env_steps == 8 * 2 * 512
    means = [row.fitness.mean for row in view.rows if row.fitness]
    assert means == sorted(means, reverse=True)
    with pytest.raises(UsageError, match="begun with other values of n_timesteps"):
        train_bank(BankPlace(ENV, TASK, killed), BankSize(seeds=2, n_timesteps=1024), SETTINGS, ignore)


ANSWER = """Its speed, nothing else.

```python
WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": next_state.torso_mean_velocity[..., 0]}
```
"""


def test_replies_of_a_folder_are_trained_beside_human_and_sparse(tmp_path: Path) -> None:
    folder, bank = tmp_path / "replies", tmp_path / "bank"
    folder.mkdir()
    (folder / "g00c00.md").write_text(ANSWER, "utf-8")
    (folder / "g00c01.md").write_text(ANSWER.replace("torso_mean_velocity", "no_such_field"), "utf-8")
    (folder / "g00c02.py").write_text(ANSWER.split("```")[1].removeprefix("python\n"), "utf-8")
    size = BankSize(seeds=2, n_timesteps=512)
    view = train_bank(BankPlace(ENV, TASK, bank, folder), size, SETTINGS, ignore)
    rows = {row.reward: row for row in view.rows}
    assert sorted(rows) == ["g00c00", "g00c01", "g00c02", "human", "sparse"]
    assert rows["g00c01"].refused and rows["g00c01"].fitness is None
    assert rows["g00c00"].fitness == rows["g00c02"].fitness  # the same program
    difference, human = rows["g00c00"].difference, rows["human"].fitness
    assert difference is not None and human is not None and rows["human"].difference is None
    own = rows["g00c00"].fitness
    assert own is not None and difference.fitness.mean == pytest.approx(own.mean - human.mean)
    assert view.summary is not None and view.summary.rewards == 3
    assert view.env_steps == 4 * 2 * 512
    again = train_bank(BankPlace(ENV, TASK, bank), size, SETTINGS, ignore)  # it knows its rewards
    assert again.rows == view.rows and again.seconds == view.seconds
    with pytest.raises(UsageError, match="needs a place"):
        train_bank(BankPlace(ENV, TASK, None, folder), size, SETTINGS, ignore)


def test_a_folder_without_rewards_is_refused(tmp_path: Path) -> None:
    environment = open_environment(ENV, TASK)
    with pytest.raises(UsageError, match="there is no file"):
        file_rewards(environment, TASK, tmp_path)
    (tmp_path / "human.md").write_text(ANSWER, "utf-8")
    with pytest.raises(UsageError, match="it has human"):
        file_rewards(environment, TASK, tmp_path)


def test_reliability_by_hand() -> None:
    # Means 1 and 3, so B = 3 * 2 = 6; variances 1 and 1, so W = 1: (6 - 1) / (6 + 2), (6 - 1) / 6.
    assert reliability([[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]]) == pytest.approx((5 / 8, 5 / 6))
    assert reliability([[0.0, 2.0], [2.0, 0.0]]) == (0.0, 0.0)  # the means are equal
    assert reliability([[1.0, 1.0], [1.0, 1.0]]) == reliability([[1.0, 2.0]]) == (None, None)


def test_a_bank_without_a_setting_of_today_is_refused(tmp_path: Path) -> None:
    plan = BankPlan(
        env=ENV, task=TASK, seeds=1, n_timesteps=512, evaluation_episodes=1, rewards_a_chunk=4, seed=0,
        ppo=PPOSettings(), list_digest="", rewards=(),
    )  # fmt: skip
    assert open_plan(tmp_path, plan) == open_plan(tmp_path, plan) == plan
    file = tmp_path / "bank.json"
    stored = json.loads(file.read_text("utf-8"))
    del stored["ppo"]["policy_average"]
    file.write_text(json.dumps(stored), "utf-8")
    with pytest.raises(UsageError, match=r"other values of ppo\.policy_average"):
        open_plan(tmp_path, plan)
