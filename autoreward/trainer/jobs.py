"""Training jobs: reward functions x seeds as one population, whoever trains them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.errors import UsageError
from autoreward.records import (
    CompiledMetric,
    CompiledReward,
    MemberSpec,
    Requirements,
    RewardSpec,
    Rung,
    TrainingJob,
    Verdict,
)
from autoreward.trainer.combination_specs import combination_of

POPULATION_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)


@dataclass(frozen=True)
class TrainingSetup:
    """What all trainings on one task share.

    Attributes:
        task: of the environment, or None for free text.
        metric: compiled; None where success is not measured, or not yet compiled.
        settings: steps and seed, evaluation episodes, PPO, the device.
        subtasks: of the metric, compiled, by name.
        requirements: what the members of programs have to keep to.
    """

    environment: Environment
    task: str | None
    metric: CompiledMetric | None
    settings: Settings
    subtasks: Mapping[str, CompiledMetric] = field(default_factory=dict)
    requirements: Requirements | None = None

    def reward_of(self, verdict: Verdict) -> RewardSpec:
        """What the members of a checked candidate are paid."""
        if self.settings.design.shaping_only:
            return RewardSpec(kind="shaping", compiled=verdict.reward)
        return self.program_reward(verdict.reward)

    def program_reward(self, compiled: CompiledReward | None) -> RewardSpec:
        """What the members of a program are paid, its terms combined as the settings say.

        Raises:
            UsageError: nothing can be learned for this program, or nothing says what success is.
        """
        combination = combination_of(self.settings.design, compiled)
        if (combination.learns or self.requirements) and self.metric is None:
            raise UsageError(
                "--combine, --adapt and --require keep the policy with the most progress, and no metric says it.",
                "Name one with --metric, or a task.",
            )
        return RewardSpec(kind="program", compiled=compiled, combination=combination, requirements=self.requirements)

    def job(
        self,
        name: str,
        rewards: Mapping[str, RewardSpec],
        seeds: Iterable[int],
        population_size: int | None = None,
        rungs: tuple[Rung, ...] = (),
    ) -> TrainingJob:
        """A training of rewards, each under the same seeds: equal seeds are paired, whatever the reward.

        Args:
            name: of the job, "g02".
            rewards: by candidate id.
            seeds: indices of training seeds.
            population_size: at least the number of members; by default the next of a few sizes.
            rungs: where the worse candidates are stopped.
        """
        of_each = tuple(seeds)
        members = [MemberSpec(candidate=candidate, seed=seed) for candidate in rewards for seed in of_each]
        size = round_up_population(len(members)) if population_size is None else population_size
        return self.population(name, rewards, members, size, rungs)

    def population(
        self,
        name: str,
        rewards: Mapping[str, RewardSpec],
        members: Sequence[MemberSpec],
        size: int,
        rungs: tuple[Rung, ...] = (),
    ) -> TrainingJob:
        """A training of some members; arguments as for `job`."""
        design = self.settings.design
        return TrainingJob(
            id=name,
            env=self.environment.spec.name,
            env_path=self.environment.path,
            task=self.task,
            members=tuple(members),
            rewards=dict(rewards),
            metric=self.metric,
            subtasks=self.subtasks,
            n_timesteps=design.n_timesteps,
            seed=design.seed,
            population_size=size,
            evaluation_episodes=design.evaluation_episodes,
            ppo=self.settings.ppo,
            rungs=rungs,
            device=self.settings.device,
            algo=design.algo,
            off_policy=self.settings.off_policy,
            share_experience=design.share_experience,
        )


def round_up_population(members: int) -> int:
    """The population size for a number of members: a few sizes, so that programs are compiled for a few."""
    return next((size for size in POPULATION_SIZES if size >= members), members)
