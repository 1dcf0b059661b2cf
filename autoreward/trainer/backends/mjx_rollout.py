"""The rollout of a population on a device: policy, physics and automatic reset of T steps in one compiled program.

It is compiled once per (environment, members, PPO settings): seeds, policies and random streams are its inputs, rewards
come after it. Everything it gives stays on the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autoreward.environment.mjx_env import MjxEnv, MjxState
from autoreward.environment.pack import Noise
from autoreward.environment.vector_env import Rollout
from autoreward.trainer.backends.backend import PopulationRollout
from autoreward.trainer.backends.mjx_statistics import JaxEpisodeStatistics, StatisticsPrograms
from autoreward.trainer.population import policy, ppo
from autoreward.trainer.population.episode_statistics import EpisodeStatistics
from autoreward.trainer.population.programs import PopulationPrograms, member_keys, seed_array
from autoreward.trainer.population.reward_functions import RewardFunction
from autoreward.trainer.population.seeding import Purpose

if TYPE_CHECKING:
    from autoreward.records import PPOSettings
    from autoreward.reward.program import MetricProgram

Array = Any


class DevicePrograms:
    """The compiled programs of one environment on a device.

    Attributes:
        start: (job seed, seed indices `[M]`, purpose, iterations done) -> the first state.
        roll: (actor, state, action noise, job seed, seed indices, iteration) -> the next state and what T steps gave.
    """

    def __init__(self, env: MjxEnv, programs: PopulationPrograms, settings: PPOSettings) -> None:
        import jax

        self.env = env
        self.accounts = StatisticsPrograms()
        self._programs, self._settings = programs, settings
        self.start = jax.jit(self._start, static_argnums=2)
        self.roll = jax.jit(self._roll, donate_argnums=1)

    def reset_noise(self, keys: Array, t: Array) -> Noise:
        """Noise `[M * E, numbers]` of step t; equal keys give equal rows."""
        import jax

        shape = (self._settings.num_envs, self.env.noise_size)

        def one(key: Array) -> tuple[Array, Array]:
            uniform, normal = jax.random.split(jax.random.fold_in(key, t))
            return jax.random.uniform(uniform, shape, minval=-1.0, maxval=1.0), jax.random.normal(normal, shape)

        drawn = jax.vmap(one)(keys)
        return Noise(*(array.reshape(-1, array.shape[-1]) for array in drawn))

    def _start(self, job_seed: Array, seeds: Array, purpose: Purpose, start: Array) -> MjxState:
        import jax
        import jax.numpy as jnp

        made = self.env.reset(self.reset_noise(member_keys(job_seed, seeds, purpose, start), 0))
        # A weak type in it would compile the rollout twice.
        return jax.tree.map(lambda array: jnp.asarray(array, array.dtype), made)  # type: ignore[no-any-return]

    def _roll(
        self, actor: policy.Actor, state: MjxState, noise: Array, job_seed: Array, seeds: Array, iteration: Array
    ) -> tuple[MjxState, dict[str, Any]]:
        import jax
        import jax.numpy as jnp

        keys = member_keys(job_seed, seeds, Purpose.RESETS, iteration + 1)
        members, num_envs = len(seeds), self._settings.num_envs

        def step(state: MjxState, row: tuple[Array, Array]) -> tuple[MjxState, tuple[Array, dict[str, Any]]]:
            t, noise_t = row
            seen = state.observation.reshape(members, num_envs, -1)
            drawn, applied = self._programs.act(actor, seen, noise_t)
            action = applied.reshape(members * num_envs, -1)
            state, recorded = self.env.step(state, action, self.reset_noise(keys, t))
            return state, (drawn, recorded)

        state, (drawn, rollout) = jax.lax.scan(step, state, (jnp.arange(len(noise)), noise))
        fields = {"state": self.env.fields(rollout, after=False), "next_state": self.env.fields(rollout, after=True)}
        # What the fields are made of is not wanted: the compiler never stores what only they read.
        unread = ("before", "after", "memory_before", "memory_after")
        return state, {"steps": {k: v for k, v in rollout.items() if k not in unread}, "drawn": drawn, **fields}


class MjxEnvironments:
    """The environments of a population on a device, from one rollout to the next; see PopulationEnvironments."""

    def __init__(
        self, device: DevicePrograms, programs: PopulationPrograms, settings: PPOSettings, job_seed: int,
        seeds: Sequence[int], start: int = 0,
    ) -> None:  # fmt: skip
        import numpy as np

        self._device, self._programs, self._settings = device, programs, settings
        self._job_seed, self._seeds = np.int32(job_seed), seed_array(seeds)
        purpose = Purpose.RUNG_RESETS if start else Purpose.RESETS
        self._state = device.start(self._job_seed, self._seeds, purpose, np.int32(start))

    def roll_out(self, member: ppo.Member, iteration: int) -> PopulationRollout:
        """See PopulationEnvironments."""
        import numpy as np

        turn = np.int32(iteration)
        noise = self._programs.action_noise(self._job_seed, self._seeds, turn)
        actor = ppo.actor(member)
        self._state, made = self._device.roll(actor, self._state, noise, self._job_seed, self._seeds, turn)
        rollout = Rollout(before={}, after={}, memory_before={}, memory_after={}, **made["steps"])
        return PopulationRollout(rollout, made["drawn"], noise, made["state"], made["next_state"])


class MjxBackend:
    """See backend.Backend: MJX. Fewer members after a rung are another shape, which is compiled once more."""

    def __init__(
        self, device: DevicePrograms, programs: PopulationPrograms, settings: PPOSettings, job_seed: int
    ) -> None:
        self._device, self._programs, self._settings, self._job_seed = device, programs, settings, job_seed

    def rollouts(self, seeds: Sequence[int], start: int) -> MjxEnvironments:
        """See backend.Backend."""
        return MjxEnvironments(self._device, self._programs, self._settings, self._job_seed, seeds, start)

    def accounts(self, reward: RewardFunction, members: int, metric: MetricProgram | None) -> EpisodeStatistics:
        """See backend.Backend."""
        horizon, num_envs = self._device.env.horizon, self._settings.num_envs
        return JaxEpisodeStatistics(self._device.accounts, reward, members, num_envs, metric, horizon)
