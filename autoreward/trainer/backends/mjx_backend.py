"""Populations on MJX: policy, physics and automatic reset of T steps in one compiled program; arrays of jax.

It is compiled once per (environment, members, PPO settings): seeds, policies and random streams are its inputs, rewards
come after it. Everything it gives stays on the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from autoreward.environment.mjx_env import MjxEnv, MjxState
from autoreward.environment.pack import Noise, Pack
from autoreward.environment.vector_env import Rollout
from autoreward.records import PPOSettings, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.backends.backend import Backend, BackendFactory
from autoreward.trainer.backends.device import (
    CPU,
    MEMORY_SHARE,
    choose_device_settings,
    estimate_bytes_each,
    free_memory,
    halve_environments,
    has_sizes_for_devices,
    impl_of,
)
from autoreward.trainer.backends.mjx_statistics import JaxEpisodeStatistics, StatisticsPrograms
from autoreward.trainer.population import policy, ppo
from autoreward.trainer.population.episode_statistics import EpisodeStatistics
from autoreward.trainer.population.programs import PopulationPrograms, member_keys, seed_array
from autoreward.trainer.population.reward_functions import RewardFunction
from autoreward.trainer.population.rollout import PopulationRollout
from autoreward.trainer.population.seeding import Purpose

Array = Any
# What the fields are made of is not wanted: the compiler never stores what only they read.
UNREAD = ("before", "after", "memory_before", "memory_after")


class MjxPrograms:
    """The compiled programs of one environment on a device.

    Attributes:
        start: (job seed, seed indices `[M]`, purpose, iterations done) -> the first state.
        roll: (actor, state, action noise, job seed, seed indices, iteration) -> the next state and what T steps gave.
    """

    def __init__(self, env: MjxEnv, programs: PopulationPrograms, settings: PPOSettings) -> None:
        self.env = env
        self.statistics = StatisticsPrograms()
        self._programs, self._settings = programs, settings
        self.start = jax.jit(self._start, static_argnums=2)
        self.roll = jax.jit(self._roll, donate_argnums=1)

    def reset_noise(self, keys: Array, t: Array) -> Noise:
        """Noise `[M * E, numbers]` of step t; equal keys give equal rows."""
        shape = (self._settings.num_envs, self.env.noise_size)

        def draw(key: Array) -> tuple[Array, Array]:
            uniform, normal = jax.random.split(jax.random.fold_in(key, t))
            return jax.random.uniform(uniform, shape, minval=-1.0, maxval=1.0), jax.random.normal(normal, shape)

        return Noise(*(array.reshape(-1, array.shape[-1]) for array in jax.vmap(draw)(keys)))

    def _start(self, job_seed: Array, seeds: Array, purpose: Purpose, iterations_done: Array) -> MjxState:
        state = self.env.reset(self.reset_noise(member_keys(job_seed, seeds, purpose, iterations_done), 0))
        # A weak type in it would compile the rollout twice.
        return jax.tree.map(lambda array: jnp.asarray(array, array.dtype), state)  # type: ignore[no-any-return]

    def _roll(
        self, actor: policy.Actor, state: MjxState, noise: Float[Array, "T M E A"], job_seed: Array, seeds: Array,
        iteration: Array,
    ) -> tuple[MjxState, dict[str, Any]]:  # fmt: skip
        keys = member_keys(job_seed, seeds, Purpose.RESETS, iteration + 1)
        members, num_envs = len(seeds), self._settings.num_envs

        def step(state: MjxState, row: tuple[Array, Array]) -> tuple[MjxState, tuple[Array, dict[str, Any]]]:
            t, noise_t = row
            seen = state.observation.reshape(members, num_envs, -1)
            drawn, applied = self._programs.act(actor, seen, noise_t)
            action = applied.reshape(members * num_envs, -1)
            state, recorded = self.env.step(state, action, self.reset_noise(keys, t))
            return state, (drawn, recorded)

        state, (drawn, steps) = jax.lax.scan(step, state, (jnp.arange(len(noise)), noise))
        fields = {"state": self.env.fields(steps, after=False), "next_state": self.env.fields(steps, after=True)}
        return state, {"steps": {k: v for k, v in steps.items() if k not in UNREAD}, "drawn": drawn, **fields}


class MjxBackend(Backend):
    """MJX, float32. Fewer members after a rung are another shape, which is compiled once more.

    Args:
        mjx_programs: the compiled rollout.
        programs: the compiled programs of the population.
        settings: PPO settings; `num_envs` environments a member.
        job_seed: of the training.
    """

    def __init__(
        self, mjx_programs: MjxPrograms, programs: PopulationPrograms, settings: PPOSettings, job_seed: int
    ) -> None:
        self._mjx, self._programs, self._settings = mjx_programs, programs, settings
        self._job_seed = np.int32(job_seed)

    def reset(self, seeds: Sequence[int], iterations_done: int) -> None:
        """See Backend."""
        self._seeds = seed_array(seeds)
        purpose = Purpose.RUNG_RESETS if iterations_done else Purpose.RESETS
        self._state = self._mjx.start(self._job_seed, self._seeds, purpose, np.int32(iterations_done))

    def roll_out(self, member: ppo.Member, iteration: int) -> PopulationRollout:
        """See Backend."""
        turn = np.int32(iteration)
        noise = self._programs.action_noise(self._job_seed, self._seeds, turn)
        actor = ppo.actor(member)
        self._state, gave = self._mjx.roll(actor, self._state, noise, self._job_seed, self._seeds, turn)
        steps = Rollout(before={}, after={}, memory_before={}, memory_after={}, **gave["steps"])
        return PopulationRollout(steps, gave["drawn"], noise, gave["state"], gave["next_state"])

    def episode_statistics(
        self, reward: RewardFunction, members: int, metric: MetricProgram | None
    ) -> EpisodeStatistics:
        """See Backend."""
        horizon, num_envs = self._mjx.env.horizon, self._settings.num_envs
        return JaxEpisodeStatistics(self._mjx.statistics, reward, members, num_envs, metric, horizon)


class MjxBackendFactory(BackendFactory):
    """MJX on a GPU, and on the CPU to rehearse it; keeps environments and compiled rollouts."""

    def __init__(self) -> None:
        self._envs: dict[tuple[str, str | None, str], MjxEnv] = {}
        self.programs: dict[tuple[MjxEnv, PPOSettings], MjxPrograms] = {}

    def serves(self, device: str, pack: Pack) -> bool:
        """See BackendFactory."""
        return device != CPU

    def settings_to_try(self, job: TrainingJob, pack: Pack, device: str) -> Sequence[PPOSettings]:
        """As many environments as the free memory allows, then half as many; sizes that a person has set, once."""
        env = self._env(job, pack, device)
        num_steps = job.ppo.device_steps or job.ppo.num_steps
        fitting = int(MEMORY_SHARE * free_memory()) // estimate_bytes_each(env, num_steps)
        settings = choose_device_settings(job.ppo, job.population_size, job.n_timesteps, fitting)
        return (settings,) if has_sizes_for_devices(job.ppo) else (settings, halve_environments(settings))

    def make(
        self, job: TrainingJob, pack: Pack, device: str, settings: PPOSettings, programs: PopulationPrograms
    ) -> MjxBackend:
        """See BackendFactory."""
        key = (self._env(job, pack, device), settings)
        if key not in self.programs:
            self.programs[key] = MjxPrograms(key[0], programs, settings)
        return MjxBackend(self.programs[key], programs, settings, job.seed)

    def _env(self, job: TrainingJob, pack: Pack, device: str) -> MjxEnv:
        key = (job.env_path or job.env, job.task, impl_of(device))
        if key not in self._envs:
            self._envs[key] = MjxEnv(pack, impl=key[2])
        return self._envs[key]
