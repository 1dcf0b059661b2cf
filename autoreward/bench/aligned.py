"""`bench aligned`: whether weights that follow the task's own progress leave a misleading term aside and use a helpful
one, and what it costs to learn them.

    primary      the task's progress alone
    naive        the same and a term that pays backward speed, added as they are
    misleading   the same term, its weight learned
    helpful      a term that pays forward speed, its weight learned
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import jax
import jax.numpy as jnp
import numpy as np

from autoreward.bench.combine import BACKWARD, BACKWARD_WEIGHT, FORWARD, TASK, TERMS, program_text
from autoreward.bench.stored import OnEvent, StoredTraining, by_seed, compiled
from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.stepping import actions_of
from autoreward.errors import UnknownNameError
from autoreward.intervals import compare_paired, interval
from autoreward.records import CombinationSpec, PPOSettings, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.combination.aligned import AlignedWeights
from autoreward.trainer.combination.combination import Experience, PolicySteps
from autoreward.trainer.combination.learned import Subject
from autoreward.trainer.population import ppo
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.seeding import draw_shuffles
from autoreward.views import AlignedRow, AlignedView

KEPT, LOST, COST = 0.9, 0.3, 1.5  # of the progress alone: at least with learned weights, at most with the naive sum
MEMBERS, COST_ROUNDS = 4, 20
PRIMARY, NAIVE, MISLEADING, HELPFUL = "primary", "naive", "misleading", "helpful"


def measure_aligned(env: str, folder: Path, settings: Settings, on_event: OnEvent) -> AlignedView:
    """Train what is missing, measure the cost, and compare.

    Raises:
        UnknownNameError: an environment without terms here.
        UsageError: the folder has results of other sizes.
    """
    if env not in TERMS:
        raise UnknownNameError("environment to compare in", env, TERMS)
    members = StoredTraining(folder, "aligned_check", env, TASK, settings).members(_rewards, on_event)
    episodes = settings.design.evaluation_episodes
    found = {name: by_seed(members, name) for name in (PRIMARY, NAIVE, MISLEADING, HELPFUL)}
    rows = tuple(
        AlignedRow(
            name=name,
            fitness=interval(list(one.values()), len(one) * episodes) if one else None,
            difference=compare_paired(one, found[PRIMARY], episodes) if name != PRIMARY and one else None,
        )
        for name, one in found.items()
    )
    means = {row.name: row.fitness.mean for row in rows if row.fitness is not None}
    shares = {name: mean / means[PRIMARY] for name, mean in means.items()} if means.get(PRIMARY, 0.0) > 0.0 else {}
    cost = measure_cost(env, settings.ppo)
    return AlignedView(
        env=env,
        task=TASK,
        seeds=settings.design.seeds,
        n_timesteps=settings.design.n_timesteps,
        rows=rows,
        shares=shares,
        cost=cost,
        passed=bool(shares) and shares[MISLEADING] >= KEPT and shares[NAIVE] <= LOST and shares[HELPFUL] > 1.0
        and cost < COST,
    )  # fmt: skip


def _rewards(environment: Environment, sandbox: Sandbox) -> Mapping[str, RewardSpec]:
    terms = {
        MISLEADING: {"backward": (BACKWARD_WEIGHT, BACKWARD)},
        HELPFUL: {"forward": (1.0, FORWARD)},
    }
    sources = {name: program_text(f"A {name} term.", one) for name, one in terms.items()}
    programs = compiled(sources, environment, sandbox)
    learned, added = CombinationSpec(kind="aligned"), CombinationSpec(kind="added")
    return {
        PRIMARY: RewardSpec(kind="sparse"),
        NAIVE: RewardSpec(kind="program", compiled=programs[MISLEADING], combination=added),
        **{name: RewardSpec(kind="program", compiled=one, combination=learned) for name, one in programs.items()},
    }


# --- The cost -------------------------------------------------------------------------------------------------


def measure_cost(env: str, settings: PPOSettings, rounds: int = COST_ROUNDS) -> float:
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
