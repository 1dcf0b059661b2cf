"""Jobs: members joined to rewards by name, under equal seeds, in a few population sizes."""

from __future__ import annotations

import pytest

from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.records import RewardSpec, Rung
from autoreward.trainer.jobs import TrainingSetup, round_up_population

SPARSE = RewardSpec(kind="sparse")


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum", "balance")


def test_a_job_says_all_that_a_training_needs(pendulum: Environment) -> None:
    settings = Settings.model_validate(
        {"design": {"n_timesteps": 77, "seed": 5, "evaluation_episodes": 3}, "ppo": {"num_envs": 4}, "device": "cpu"}
    )
    rungs = (Rung(at=0.5, keep=0.5),)
    job = TrainingSetup(pendulum, "balance", None, settings).job("g02", {"b": SPARSE, "a": SPARSE}, (7, 9), rungs=rungs)
    assert [(member.candidate, member.seed) for member in job.members] == [("b", 7), ("b", 9), ("a", 7), ("a", 9)]
    assert (job.id, job.env, job.env_path, job.task) == ("g02", "inverted_pendulum", None, "balance")
    assert (job.n_timesteps, job.seed, job.evaluation_episodes, job.device) == (77, 5, 3, "cpu")
    assert (job.ppo, job.rungs, job.population_size) == (settings.ppo, rungs, 4)


def test_seeds_may_be_used_up_by_reading(pendulum: Environment) -> None:
    job = TrainingSetup(pendulum, None, None, Settings()).job("x", {"a": SPARSE, "b": SPARSE}, iter([0, 1]))
    assert len(job.members) == 4


def test_a_population_has_one_of_a_few_sizes(pendulum: Environment) -> None:
    assert [round_up_population(members) for members in (0, 1, 5, 9, 128, 129)] == [1, 1, 6, 12, 128, 129]
    setup = TrainingSetup(pendulum, None, None, Settings())
    assert setup.job("x", {"a": SPARSE}, range(5)).population_size == 6
    assert setup.job("shape", {}, (), population_size=24).population_size == 24
