"""Small populations on the inverted pendulum, with programs compiled once for all tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import load_task
from autoreward.recordings import MemberRecording, Recordings
from autoreward.records import (
    CompiledMetric,
    CompiledReward,
    MemberSpec,
    PPOSettings,
    RewardSpec,
    TrainingJob,
)
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.population.trainer import Trainer

SMALL = PPOSettings(num_envs=4, num_steps=32, num_minibatches=2, hidden=(16, 16))

ALIVE = """
WEIGHTS = {"alive": 1.0, "still": -0.1}


def reward_terms(state, action, next_state, params):
    return {"alive": 1.0 - next_state.terminated, "still": jnp.square(next_state.cart_velocity)}
"""
CENTRED = """
WEIGHTS = {"centred": 1.0}
PARAMS = {"width": 0.2}


def reward_terms(state, action, next_state, params):
    return {"centred": jnp.exp(-jnp.square(next_state.pole_angle / params["width"]))}
"""
NAN_ON_RARE_STATES = """
WEIGHTS = {"root": 1.0}


def reward_terms(state, action, next_state, params):
    return {"root": jnp.sqrt(0.25 - jnp.abs(next_state.pole_angle))}
"""


@dataclass(frozen=True)
class Compiled:
    """Rewards and the metric of the inverted pendulum, compiled."""

    alive: CompiledReward
    centred: CompiledReward
    fragile: CompiledReward  # NaN where the pole leans far
    metric: CompiledMetric


@pytest.fixture(scope="session")
def environment() -> Environment:
    return open_environment("inverted_pendulum")


@pytest.fixture(scope="session")
def compiled(environment: Environment, sandbox: Sandbox) -> Compiled:
    task = load_task(environment.pack, "balance")
    assert task.metric is not None
    rewards = [sandbox.trace_reward(source, environment.spec) for source in (ALIVE, CENTRED, NAN_ON_RARE_STATES)]
    metric = sandbox.trace_metric(task.metric.code, environment.spec, environment.spec.horizon)
    made = [reply.compiled for reply in rewards]
    assert all(made) and metric.compiled
    return Compiled(*made, metric=metric.compiled)  # type: ignore[arg-type]


def recorded(recordings: Recordings, candidate: str, seed: int) -> MemberRecording:
    """The recording of one member."""
    return next(one for one in recordings if (one.candidate, one.seed) == (candidate, seed))


@pytest.fixture(scope="session")
def trainer() -> Trainer:
    return Trainer()


@pytest.fixture
def job(compiled: Compiled) -> Callable[..., TrainingJob]:
    """A job for rewards by candidate name; 2 seeds, 4 members."""

    def make(rewards: dict[str, CompiledReward | None], n_timesteps: int = 1024, size: int = 4) -> TrainingJob:
        return TrainingJob(
            id="test",
            env="inverted_pendulum",
            task="balance",
            members=tuple(MemberSpec(candidate=name, seed=seed) for name in rewards for seed in range(2)),
            rewards={
                name: RewardSpec(kind="program", compiled=reward) if reward else RewardSpec(kind="sparse")
                for name, reward in rewards.items()
            },
            metric=compiled.metric,
            n_timesteps=n_timesteps,
            seed=0,
            population_size=size,
            evaluation_episodes=2,
            ppo=SMALL,
        )

    return make
