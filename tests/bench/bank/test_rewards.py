"""The rewards of a bank: the list of its own, and those of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.bench.bank.rewards import REWARDS, bank_rewards, file_rewards, list_digest
from autoreward.bench.bank.training import identity
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.workflows.check import check_sources

ENV, TASK = "hopper", "forward"


ANSWER = """Its speed, nothing else.

```python
WEIGHTS = {"forward": 1.0}


def reward_terms(state, action, next_state, params):
    return {"forward": next_state.torso_mean_velocity[..., 0]}
```
"""


@pytest.mark.parametrize(
    ("env", "every"),
    [
        ("half_cheetah", 15),
        pytest.param("half_cheetah", 1, marks=pytest.mark.thorough),
        pytest.param("hopper", 1, marks=pytest.mark.thorough),
    ],
)
def test_every_reward_of_the_list_is_accepted_and_pays_something_else(env: str, every: int) -> None:
    environment = open_environment(env, TASK)
    rewards = bank_rewards(environment, TASK)
    assert rewards[0].origin == "human"
    assert len(rewards) == len({reward.name for reward in rewards}) == REWARDS
    assert {reward.origin for reward in rewards} == {"compose", "human", "honest", "bad"}
    looked_at = rewards[::every]
    verdicts = check_sources([(reward.name, reward.source) for reward in looked_at], environment, "basic")
    assert [verdict.candidate for verdict in verdicts if verdict.reward is None] == []
    assert len({identity(verdict.reward) for verdict in verdicts if verdict.reward}) == len(looked_at)


def test_the_list_is_the_same_each_time() -> None:
    environment = open_environment(ENV, TASK)
    assert list_digest(bank_rewards(environment, TASK)) == list_digest(bank_rewards(open_environment(ENV, TASK), TASK))


def test_a_folder_without_rewards_is_refused(tmp_path: Path) -> None:
    environment = open_environment(ENV, TASK)
    with pytest.raises(UsageError, match="there is no file"):
        file_rewards(environment, TASK, tmp_path)
    (tmp_path / "human.md").write_text(ANSWER, "utf-8")
    with pytest.raises(UsageError, match="it has human"):
        file_rewards(environment, TASK, tmp_path)
