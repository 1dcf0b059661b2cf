"""The rollout of a population in the C simulation: T steps of all members' environments, with sampled actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autoreward.environment.pack import Pack
from autoreward.environment.vector_env import VectorEnv
from autoreward.trainer.backends.backend import PopulationRollout
from autoreward.trainer.population import ppo
from autoreward.trainer.population.episode_statistics import EpisodeStatistics, NumpyEpisodeStatistics
from autoreward.trainer.population.programs import PopulationPrograms, seed_array
from autoreward.trainer.population.reward_functions import RewardFunction
from autoreward.trainer.population.seeding import Purpose, ResetNoise, model_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.records import PPOSettings
    from autoreward.reward.program import MetricProgram


class CEnvironments:
    """The environments of a population, from one rollout to the next.

    Args:
        pack: the environment.
        programs: the compiled programs.
        settings: PPO settings; `num_envs` environments a member, `num_steps` a rollout.
        job_seed: of the training.
        seeds: seed index of each member `[M]`.
        start: iterations that these members have behind them; episodes begin anew.
    """

    def __init__(
        self, pack: Pack, programs: PopulationPrograms, settings: PPOSettings, job_seed: int, seeds: Sequence[int],
        start: int = 0,
    ) -> None:  # fmt: skip
        self._programs, self._settings = programs, settings
        self._job_seed, self._seeds = job_seed, tuple(seeds)
        self._env = VectorEnv(pack, len(seeds) * settings.num_envs)
        self._env.randomise(model_numbers(job_seed, seeds, Purpose.MODELS, settings.num_envs, self._env.model_numbers))
        self._env.reset(self._first_noise(start).at(0))

    def roll_out(self, member: ppo.Member, iteration: int) -> PopulationRollout:
        """T steps under the members' policies; `iteration` names the random streams."""
        import numpy as np

        env, num_steps, noise = self._env, self._settings.num_steps, self._action_noise(iteration)
        resets = self._reset_noise(iteration, num_steps)
        actor = ppo.actor(member)
        rollout, actions = env.new_rollout(num_steps), np.empty_like(noise)
        observation = env.observation
        for t in range(num_steps):
            seen = observation.reshape(*noise.shape[1:3], -1)
            action, applied = self._programs.act(actor, seen, noise[t])
            actions[t] = action
            observation = env.step(np.asarray(applied).reshape(env.num_envs, -1), rollout, t, resets.at(t))
        env.finish(rollout)
        return PopulationRollout(
            rollout, actions, noise, env.fields(rollout, after=False), env.fields(rollout, after=True)
        )

    def _action_noise(self, iteration: int) -> NDArray[Any]:
        """Standard normal `[T, M, E, A]`, drawn once a seed: many members share one."""
        import numpy as np

        def drawn(seed: int) -> NDArray[Any]:
            made = self._programs.action_noise(np.int32(self._job_seed), seed_array([seed]), np.int32(iteration))
            return np.asarray(made)[:, 0]

        by_seed = {seed: drawn(seed) for seed in sorted(set(self._seeds))}
        return np.stack([by_seed[seed] for seed in self._seeds], axis=1)

    def _first_noise(self, start: int) -> ResetNoise:
        """Noise of the reset before the first rollout."""
        purpose = Purpose.RUNG_RESETS if start else Purpose.RESETS
        shape = (1, self._settings.num_envs, self._env.noise_size)
        return ResetNoise(self._job_seed, self._seeds, purpose, start, shape)

    def _reset_noise(self, iteration: int, num_steps: int) -> ResetNoise:
        """Noise of a rollout."""
        shape = (num_steps, self._settings.num_envs, self._env.noise_size)
        return ResetNoise(self._job_seed, self._seeds, Purpose.RESETS, iteration + 1, shape)


class CBackend:
    """See backend.Backend: the C simulation."""

    def __init__(self, pack: Pack, programs: PopulationPrograms, settings: PPOSettings, job_seed: int) -> None:
        self._pack, self._programs, self._settings, self._job_seed = pack, programs, settings, job_seed

    def rollouts(self, seeds: Sequence[int], start: int) -> CEnvironments:
        """See backend.Backend."""
        return CEnvironments(self._pack, self._programs, self._settings, self._job_seed, seeds, start)

    def accounts(self, reward: RewardFunction, members: int, metric: MetricProgram | None) -> EpisodeStatistics:
        """See backend.Backend."""
        return NumpyEpisodeStatistics(reward, members, self._settings.num_envs, metric, self._pack.horizon)
