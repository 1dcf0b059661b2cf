"""The rewards that show that tasks can be reached: the critic accepts them. `reach.py` trains them."""

from __future__ import annotations

import pytest

from autoreward.environment.random_rollout import open_environment
from autoreward.records import Fitness
from autoreward.views import BankRow
from autoreward.workflows.check import check_sources
from tests.reachability.reach import BEHAVIOURS, REWARDS, Behaviour, is_reached

pytestmark = pytest.mark.usefixtures("warm")


def test_every_behaviour_has_a_reward_and_every_reward_a_behaviour() -> None:
    folders = {folder.name for folder in REWARDS.iterdir() if any(folder.glob("*.py"))}
    assert folders == {behaviour.name for behaviour in BEHAVIOURS}
    assert all(behaviour.n_timesteps <= 3_000_000 for behaviour in BEHAVIOURS)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_the_critic_accepts_it(behaviour: Behaviour) -> None:
    environment = open_environment(behaviour.env, behaviour.task)
    sources = [(file.name, file.read_text("utf-8")) for file in (REWARDS / behaviour.name).glob("*.py")]
    assert [verdict.status for verdict in check_sources(sources, environment, "basic")] == ["accepted"] * len(sources)


def test_four_fifths_of_what_is_declared_as_good_are_enough() -> None:
    def row(mean: float) -> BankRow:
        fitness = Fitness(mean=mean, low=None, high=None, seeds=1, episodes=10)
        return BankRow(reward="a", origin="file", fitness=fitness, failed=0)

    assert is_reached(row(240.0), 300.0) and not is_reached(row(239.0), 300.0)
    assert is_reached(row(0.8), 1.0) and not is_reached(row(0.7), 1.0)
    assert not is_reached(BankRow(reward="a", origin="file", fitness=None, failed=2), 1.0)
