"""Populations on this machine's CPU: T steps of all members' environments, with sampled actions; arrays of numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from autoreward.environment.pack import Pack, stop_time
from autoreward.environment.stepping import make_environments
from autoreward.records import PPOSettings, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.backends.backend import Backend, BackendFactory
from autoreward.trainer.backends.device import CPU
from autoreward.trainer.population import ppo
from autoreward.trainer.population.episode_statistics import EpisodeStatistics, NumpyEpisodeStatistics
from autoreward.trainer.population.programs import PopulationPrograms, seed_array
from autoreward.trainer.population.reward_functions import RewardFunction
from autoreward.trainer.population.rollout import PopulationRollout
from autoreward.trainer.population.seeding import Purpose, ResetNoise, draw_model_numbers


class CBackend(Backend):
    """The C simulation, float64 inside; or an environment's own code, which has the same interface.

    Args:
        pack: the environment.
        programs: the compiled programs.
        settings: PPO settings; `num_envs` environments a member, `num_steps` a rollout.
        job_seed: of the training.
        remarks: what a person should know of it, before anything has run.
    """

    def __init__(
        self, pack: Pack, programs: PopulationPrograms, settings: PPOSettings, job_seed: int,
        remarks: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._pack, self._programs, self._settings, self._job_seed = pack, programs, settings, job_seed
        self._remarks = tuple(remarks)

    def reset(self, seeds: Sequence[int], iterations_done: int) -> None:
        """See Backend."""
        self._seeds, num_envs = tuple(seeds), self._settings.num_envs
        self._env = make_environments(self._pack, len(seeds) * num_envs)
        numbers = self._env.model_numbers
        self._env.randomise(draw_model_numbers(self._job_seed, seeds, Purpose.MODELS, num_envs, numbers))
        self._env.reset(self._first_noise(iterations_done).at(0))

    def roll_out(self, member: ppo.Member, iteration: int) -> PopulationRollout:
        """See Backend."""
        env, num_steps, noise = self._env, self._settings.num_steps, self._action_noise(iteration)
        resets = self._reset_noise(iteration, num_steps)
        actor = ppo.actor(member)
        steps, actions = env.new_rollout(num_steps), np.empty_like(noise)
        observation = env.observation
        for t in range(num_steps):
            action, applied = self._programs.act(actor, observation.reshape(*noise.shape[1:3], -1), noise[t])
            actions[t] = action
            observation = env.step(np.asarray(applied).reshape(env.num_envs, -1), steps, t, resets.at(t))
        env.finish(steps)
        return PopulationRollout(steps, actions, noise, env.fields(steps, after=False), env.fields(steps, after=True))

    def refusals(self) -> Mapping[int, str]:
        """See Backend."""
        return {env // self._settings.num_envs: words for env, words in self._env.refused.items()}

    def remarks(self) -> Sequence[str]:
        """See Backend."""
        return (*self._remarks, *self._env.remarks())

    def episode_statistics(
        self, reward: RewardFunction, members: int, metric: MetricProgram | None
    ) -> EpisodeStatistics:
        """See Backend."""
        return NumpyEpisodeStatistics(reward, members, self._settings.num_envs, metric, self._pack.horizon)

    def _action_noise(self, iteration: int) -> Float[np.ndarray, "T M E A"]:
        """What actions are drawn with, once a seed: many members share one."""

        def draw(seed: int) -> Float[np.ndarray, "T E A"]:
            noise = self._programs.action_noise(np.int32(self._job_seed), seed_array([seed]), np.int32(iteration))
            return np.asarray(noise)[:, 0]

        by_seed = {seed: draw(seed) for seed in sorted(set(self._seeds))}
        return np.stack([by_seed[seed] for seed in self._seeds], axis=1)

    def _first_noise(self, iterations_done: int) -> ResetNoise:
        """Noise of the reset before the first rollout."""
        purpose = Purpose.RUNG_RESETS if iterations_done else Purpose.RESETS
        shape = (1, self._settings.num_envs, self._env.noise_size)
        return ResetNoise(self._job_seed, self._seeds, purpose, iterations_done, shape)

    def _reset_noise(self, iteration: int, num_steps: int) -> ResetNoise:
        """Noise of the resets in a rollout."""
        shape = (num_steps, self._settings.num_envs, self._env.noise_size)
        return ResetNoise(self._job_seed, self._seeds, Purpose.RESETS, iteration + 1, shape)


class CBackendFactory(BackendFactory):
    """The C simulation takes the settings as they are: its environments fit into any machine's memory."""

    def serves(self, device: str, pack: Pack) -> bool:
        """See BackendFactory."""
        return device == CPU and pack.foreign is None

    def make(
        self, job: TrainingJob, pack: Pack, device: str, settings: PPOSettings, programs: PopulationPrograms
    ) -> CBackend:
        """See BackendFactory."""
        return CBackend(pack, programs, settings, job.seed)

    def idle_pack(self, pack: Pack) -> Pack:
        """See BackendFactory."""
        return stop_time(pack)
