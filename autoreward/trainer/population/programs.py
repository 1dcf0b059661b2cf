"""The compiled programs of a population: compiled once per (environment, population size, PPO settings).

No reward, weight or candidate count is inside them, so a new reward never compiles them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from autoreward.environment.declarations import ActionRange
from autoreward.process_environment import cores
from autoreward.records import PPOSettings
from autoreward.trainer.population import policy, ppo
from autoreward.trainer.population.heads import make_head
from autoreward.trainer.population.seeding import Purpose, generator

Array = Any

GROUPS = (4, 2)  # of members that are updated side by side: the first number that divides them


class PopulationPrograms:
    """Jitted functions over M members; every array has the member axis first.

    Args:
        observation_size: O.
        actions: the environment's action range `[A]`.
        settings: PPO settings.
        gamma: discount.
        network: of the policies.
        privileged_size: how many numbers value networks see in addition, P.
    """

    def __init__(
        self, observation_size: int, actions: ActionRange, settings: PPOSettings, gamma: float,
        network: policy.Network = policy.TANH, privileged_size: int = 0,
    ) -> None:  # fmt: skip
        self._observation_size, self._privileged_size = observation_size, privileged_size
        self._actions = actions
        self.head = make_head(actions)
        self._settings = settings
        self._gamma, self._network = gamma, network
        self._side_by_side = ThreadPoolExecutor(min(max(GROUPS), cores()), "update")
        self.action_noise = jax.jit(self._action_noise)
        self.act = jax.jit(self._act)
        self.act_deterministic = jax.jit(self._act_deterministic)
        self.update_together = jax.jit(self._update, donate_argnums=0)
        self.average = jax.jit(self._average)
        self.keep = jax.jit(self._keep)

    def initialise(self, job_seed: int, seeds: Sequence[int]) -> ppo.Member:
        """Fresh members `[M]` for the seed indices `[M]`."""
        by_seed = {
            seed: ppo.initial_member(
                generator(job_seed, seed, Purpose.POLICY),
                self._observation_size,
                self._actions.low.size,
                self._settings,
                self._privileged_size,
            )
            for seed in set(seeds)
        }
        return jax.tree.map(lambda *leaves: np.stack(leaves), *(by_seed[seed] for seed in seeds))  # type: ignore[no-any-return]

    def _action_noise(self, job_seed: Array, seeds: Array, iteration: Array) -> Array:
        """What actions are drawn with, `[T, M, E, A]` for one rollout."""
        shape = (self._settings.num_steps, self._settings.num_envs, self._actions.low.size)
        keys = member_keys(job_seed, seeds, Purpose.ACTIONS, iteration)
        return jax.vmap(lambda key: self.head.noise(key, shape), out_axes=1)(keys)

    def _act(self, actor: policy.Actor, observation: Array, noise: Array) -> tuple[Array, Array]:
        """Sampled policy actions `[M, E, A]`, and what the environment takes."""

        def one(actor: policy.Actor, observation: Array, noise: Array) -> Array:
            return self.head.sample(policy.mean_action(actor, observation), actor.log_std, noise)

        action = jax.vmap(one)(actor, observation, noise)
        return action, self.head.scale(action)

    def _act_deterministic(self, actor: policy.Actor, observation: Array) -> Array:
        """The likeliest actions, as the environment takes them `[M, E, A]`."""
        return self.head.scale(jax.vmap(partial(policy.mean_action, network=self._network))(actor, observation))

    def update(self, member: ppo.Member, rollout: ppo.MemberRollout, order: Array, rate: Array) -> ppo.Member:
        """One PPO update of all members; rollout arrays are `[T, M, E, ...]`, `order` is `[M, epochs, T * E]`.

        On a CPU, groups of members are updated side by side: one program keeps about one and a half cores busy. How
        many groups there are depends on M alone, so that a result does not depend on the number of cores.
        """
        members = len(order)
        groups = next((groups for groups in GROUPS if members % groups == 0), 1)
        if groups == 1 or not isinstance(rollout.reward, np.ndarray):
            return self.update_together(member, rollout, order, rate)  # type: ignore[no-any-return]

        def one(start: int) -> ppo.Member:
            which = slice(start, start + members // groups)
            own = jax.tree.map(lambda leaf: np.asarray(leaf)[which], member)
            updated = self.update_together(
                own, ppo.MemberRollout(*(array[:, which] for array in rollout)), order[which], rate
            )
            return jax.tree.map(np.asarray, updated)  # type: ignore[no-any-return]

        parts = self._side_by_side.map(one, range(0, members, members // groups))
        return jax.tree.map(lambda *leaves: jnp.asarray(np.concatenate(leaves)), *parts)  # type: ignore[no-any-return]

    def _update(self, member: ppo.Member, rollout: ppo.MemberRollout, order: Array, rate: Array) -> ppo.Member:
        """See update: all of them in one program."""

        def one(member: ppo.Member, rollout: ppo.MemberRollout, order: Array) -> ppo.Member:
            return ppo.update(member, rollout, order, rate, self._settings, self._gamma, self.head)

        return jax.vmap(one, in_axes=(0, 1, 0))(member, rollout, order)

    def _average(self, average: policy.Actor, member: ppo.Member, decay: Array) -> policy.Actor:
        """Moving average of the members' policies, one iteration further; see PPOSettings.policy_average."""

        def mixed(old: Array, new: Array) -> Array:
            return decay * old + (1.0 - decay) * new

        return jax.tree.map(mixed, average, ppo.actor(member))  # type: ignore[no-any-return]

    def _keep(self, improved: Array, new: policy.Actor, old: policy.Actor) -> policy.Actor:
        """`new` where `improved [M]`, else `old`."""

        def one(flag: Array, new: policy.Actor, old: policy.Actor) -> policy.Actor:
            return jax.tree.map(lambda yes, no: jnp.where(flag, yes, no), new, old)  # type: ignore[no-any-return]

        return jax.vmap(one)(improved, new, old)


def member_keys(job_seed: Array, seeds: Array, purpose: Purpose, iteration: Array) -> Array:
    """One key a member, from (job seed, seed index, purpose, iteration) alone."""

    def one(seed: Array) -> Array:
        key = jax.random.key(job_seed)
        for part in (seed, int(purpose), iteration):
            key = jax.random.fold_in(key, part)
        return key

    return jax.vmap(one)(seeds)


def seed_array(seeds: Sequence[int]) -> NDArray[Any]:
    """Seed indices as the programs take them `[M]`."""
    return np.asarray(seeds, np.int32)
