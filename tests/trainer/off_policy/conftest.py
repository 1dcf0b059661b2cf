"""Small off-policy jobs on the inverted pendulum."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autoreward.records import CompiledReward, MemberSpec, OffPolicySettings, RewardSpec, TrainingJob
from tests.trainer.conftest import Compiled

pytest.importorskip("stable_baselines3", reason="the extra sb3 is not installed")

SMALL = OffPolicySettings(
    learner_envs=2, train_freq=32, updates_per_step=0.25, learning_starts=32, buffer_size=512, batch_size=16,
    net_arch=(8, 8),
)  # fmt: skip


@pytest.fixture
def off_policy_job(compiled: Compiled) -> Callable[..., TrainingJob]:
    """A job for rewards by candidate name, None: sparse; one seed."""

    def make(rewards: dict[str, CompiledReward | None], n_timesteps: int = 128, seeds: int = 1) -> TrainingJob:
        return TrainingJob(
            id="test",
            env="inverted_pendulum",
            task="balance",
            members=tuple(MemberSpec(candidate=name, seed=seed) for name in rewards for seed in range(seeds)),
            rewards={
                name: RewardSpec(kind="program", compiled=reward) if reward else RewardSpec(kind="sparse")
                for name, reward in rewards.items()
            },
            metric=compiled.metric,
            n_timesteps=n_timesteps,
            seed=0,
            population_size=len(rewards) * seeds,
            evaluation_episodes=2,
            algo="sac",
            off_policy=SMALL,
        )

    return make
