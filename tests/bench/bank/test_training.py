"""The reward bank: its list, what is kept of a training, and going on after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autoreward import process_environment
from autoreward.bench.bank.rewards import REWARDS
from autoreward.bench.bank.stored import read_chunk, read_chunk_arrays, read_plan
from autoreward.bench.bank.training import BankPlace, BankSize, train_bank
from autoreward.config import Settings
from autoreward.errors import UsageError
from autoreward.records import PPOSettings

pytestmark = pytest.mark.usefixtures("warm")

ENV, TASK = "hopper", "forward"
SETTINGS = Settings(ppo=PPOSettings(num_envs=4, num_steps=64, num_minibatches=2, hidden=(8,)))
SIZE = BankSize(seeds=2, n_timesteps=512, limit=5)  # two chunks of four rewards
CHECKOUT = Path(__file__).resolve().parents[3]


def ignore(event: object) -> None:
    """The receiver of events where nobody listens."""


@pytest.mark.thorough
def test_a_killed_bank_goes_on_where_it_was(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    train_bank(BankPlace(ENV, TASK, whole), SIZE, SETTINGS, ignore)
    command = [sys.executable, "-m", "tests.bench.bank.victim", str(killed)]
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


@pytest.mark.thorough
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
