"""What learning aligned weights adds to an update of the policies: in turns, on a rollout of chance."""

from __future__ import annotations

import time
from statistics import median

import jax
import jax.numpy as jnp
import numpy as np

from autoreward.bench.combine import TASK
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.stepping import actions_of
from autoreward.records import PPOSettings
from autoreward.trainer.combination.aligned import AlignedWeights
from autoreward.trainer.combination.combination import Experience, PolicySteps
from autoreward.trainer.combination.learned import Subject
from autoreward.trainer.population import ppo
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.seeding import draw_shuffles

MEMBERS, ROUNDS = 4, 20


def measure_cost(env: str, settings: PPOSettings, rounds: int = ROUNDS) -> float:
    """What an update of policies and weights takes, by one of the policies alone: medians, measured in turns."""
    pack = open_environment(env, TASK).pack
    actions = actions_of(pack)
    programs = PopulationPrograms(pack.observation_size, actions, settings, pack.gamma)
    seeds = tuple(range(MEMBERS))
    member = jax.tree.map(jnp.asarray, programs.initialise(0, seeds))
    rollout, experience = _synthetic(settings, pack.observation_size, actions.low.size)
    order = draw_shuffles(0, seeds, 0, settings.update_epochs, settings.num_envs * settings.num_steps)
    rate = np.float32(settings.learning_rate)
    subject = Subject(("a", "b", "c"), (1.0, -1.0, 1.0), seeds, 0, pack.gamma, programs.head)
    combination = AlignedWeights(subject)
    seconds: dict[str, list[float]] = {"plain": [], "learned": []}
    for _ in range(rounds + 2):
        for way, taken in seconds.items():
            start = time.perf_counter()
            own = jax.tree.map(jnp.copy, member)
            member = jax.block_until_ready(programs.update(member, rollout, order, rate))
            if way == "learned":
                steps = PolicySteps(own, rollout.observation, rollout.action)
                combination.learn(experience._replace(policy_steps=steps))
            taken.append(time.perf_counter() - start)
    plain, learned = (median(taken[2:]) for taken in seconds.values())  # the first two compile
    return learned / plain


def _synthetic(settings: PPOSettings, observations: int, actions: int) -> tuple[ppo.MemberRollout, Experience]:
    """A rollout of chance: what it says makes no difference to how long it takes."""
    rng = np.random.default_rng(0)
    shape = (settings.num_steps, MEMBERS, settings.num_envs)

    def drawn(*more: int) -> np.ndarray:
        return rng.standard_normal((*shape, *more)).astype(np.float32)

    none = np.zeros(shape, np.float32)
    rollout = ppo.MemberRollout(
        observation=drawn(observations), next_observation=drawn(observations), action=drawn(actions),
        noise=drawn(actions), reward=drawn(), terminated=none, truncated=none,
    )  # fmt: skip
    flat, nobody = (settings.num_steps, MEMBERS * settings.num_envs), np.zeros(0)
    experience = Experience(
        terms=drawn(3).reshape(*flat, 3), progress=drawn().reshape(flat), over=np.zeros(flat, bool),
        ended_t=nobody.astype(int), ended_env=nobody.astype(int), ended_success=nobody, ended_progress=nobody,
        iteration=1, outcome=drawn().reshape(flat),
    )  # fmt: skip
    return rollout, experience
