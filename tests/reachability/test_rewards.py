"""The rewards that show that tasks can be reached: the critic accepts them. `reach.py` trains them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.records import MemberResult, PPOSettings
from autoreward.workflows.check import check_sources
from tests.reachability import reach
from tests.reachability.reach import BEHAVIOURS, REWARDS, SEEDS, Behaviour, is_reached, members_of, train
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("warm")


def test_every_behaviour_has_a_reward_and_every_reward_a_behaviour() -> None:
    folders = {folder.name for folder in REWARDS.iterdir() if any(folder.glob("*.py"))}
    assert folders == {behaviour.name for behaviour in BEHAVIOURS}
    assert all(behaviour.n_timesteps <= 3_000_000 for behaviour in BEHAVIOURS)


@pytest.mark.parametrize("behaviour", every(3, BEHAVIOURS, [behaviour.name for behaviour in BEHAVIOURS]))
def test_the_critic_accepts_it(behaviour: Behaviour) -> None:
    environment = open_environment(behaviour.env, behaviour.task)
    sources = [(file.name, file.read_text("utf-8")) for file in (REWARDS / behaviour.name).glob("*.py")]
    assert [verdict.status for verdict in check_sources(sources, environment, "basic")] == ["accepted"] * len(sources)


def test_four_fifths_of_what_is_declared_as_good_are_enough() -> None:
    def member(success: float | None) -> MemberResult:
        return MemberResult.model_construct(candidate="a", seed=0, status="trained", success=success)

    assert is_reached(member(240.0), 300.0) and not is_reached(member(239.0), 300.0)
    assert is_reached(member(0.8), 1.0) and not is_reached(member(0.7), 1.0)
    assert not is_reached(member(None), 1.0)


@pytest.mark.thorough
def test_a_behaviour_is_trained_once_and_sparse_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = Behaviour("hopper", "forward", 256)
    settings = Settings(ppo=PPOSettings(num_envs=4, num_steps=64, num_minibatches=2, hidden=(8,)))
    folder = train(tiny, tmp_path, settings)
    members = members_of(folder)
    assert {(member.candidate, member.seed) for member in members} == {
        (name, seed) for name in ("human", "speed") for seed in range(SEEDS)
    }
    stored = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    train(tiny, tmp_path, settings)
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == stored
    monkeypatch.setattr(reach, "BEHAVIOURS", (tiny,))
    assert reach.main(["hopper/forward"], tmp_path, settings) == 4
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2 * SEEDS + 1 and told[-1] == "hopper/forward: reached by 0 of 4"
    assert " of 14 with human, seed 0" in told[0]
