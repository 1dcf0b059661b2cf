"""The trainer's process stays as large as it is, however many rewards it has trained."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autoreward.environment.environment import Environment
from autoreward.records import CompiledReward, MemberSpec, TrainingJob
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.population.trainer import Trainer
from autoreward.trainer.population.worker import REMEMBERED, Housekeeping
from tests.trainer.conftest import Compiled
from tests.trainer.population.test_training import assert_same

MakeJob = Callable[..., TrainingJob]

GENERATIONS, WARM = 200, 40
BOUND = 0.1  # MiB a generation; without housekeeping it is 0.4
REWARD = """
WEIGHTS = {{"alive": 1.0, "still": -0.1}}


def reward_terms(state, action, next_state, params):
    return {{"alive": {number} - next_state.terminated, "still": jnp.square(next_state.cart_velocity)}}
"""


def resident(worker: TrainerWorker) -> float:
    """Resident memory of the trainer's process [MiB]."""
    assert worker._process is not None
    pages = int(Path(f"/proc/{worker._process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def different_rewards(environment: Environment) -> list[CompiledReward]:
    with Sandbox() as sandbox:
        made = [sandbox.trace_reward(REWARD.format(number=1 + g / 1000), environment.spec) for g in range(GENERATIONS)]
    rewards = [reply.compiled for reply in made if reply.compiled is not None]
    assert len({reward.digest for reward in rewards}) == GENERATIONS
    return rewards


@pytest.mark.thorough
def test_memory_does_not_grow_over_two_hundred_generations(
    environment: Environment, job: MakeJob, compiled: Compiled
) -> None:
    member = MemberSpec(candidate="a", seed=0)
    tiny = job({"a": compiled.alive}, n_timesteps=128, size=1)
    tiny = tiny.model_copy(update={"members": (member,), "evaluation_episodes": 1})
    sizes = []
    with TrainerWorker() as worker:
        for reward in different_rewards(environment):
            spec = tiny.rewards["a"].model_copy(update={"compiled": reward})
            worker.train(tiny.model_copy(update={"rewards": {"a": spec}}))
            sizes.append(resident(worker))
    assert sizes[-1] - sizes[WARM - 1] < BOUND * (GENERATIONS - WARM)


@pytest.mark.thorough
def test_forgetting_what_was_compiled_changes_nothing(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    asked = job({"a": compiled.alive, "b": compiled.centred})
    _, before = trainer.train(asked)
    Housekeeping().after_job(REMEMBERED)
    _, after = trainer.train(asked)
    assert_same(before, after)
