"""Train one population: candidates x seeds in one batched simulation, one policy program, one PPO update.

rollout (T steps, all members)  ->  fields of the slab  ->  rewards, candidate by candidate  ->  one update of all
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autoreward.errors import UsageError
from autoreward.records import Finding, MemberSpec, TrainingJob
from autoreward.trainer import ppo
from autoreward.trainer.group import Group
from autoreward.trainer.income import reward_of
from autoreward.trainer.programs import PopulationPrograms
from autoreward.trainer.rolled import Rolled, Rollouts
from autoreward.trainer.seeding import shuffles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.reward.program import MetricProgram


@dataclass(frozen=True)
class Progress:
    """Where a training stands; sent after every update."""

    job: str
    env_steps: int  # of all members so far
    total_steps: int
    seconds: float  # since the call
    latest: Mapping[str, Mapping[str, float | None]]  # candidate -> success and progress of its last episodes
    note: str | None = None  # a line for a person that has to stay


OnProgress = Callable[[Progress], None]
MakeRollouts = Callable[[Sequence[int]], Rollouts]


@dataclass
class Trained:
    """A trained population."""

    groups: list[Group]
    best: ppo.Member  # the policies kept, stacked [M]
    env_steps: int
    diverged: NDArray[Any]  # episodes a member that ended because the simulation diverged [M]
    first_update_seconds: float


def fill_population(members: Sequence[MemberSpec], size: int) -> list[MemberSpec]:
    """Members sorted by candidate, with freed slots filled by further seeds of the candidates in turn."""
    seeds: dict[str, list[int]] = {}
    for member in members:
        seeds.setdefault(member.candidate, []).append(member.seed)
    next_seed = max(member.seed for member in members) + 1
    turn = 0
    while sum(map(len, seeds.values())) < size:
        candidate = list(seeds)[turn % len(seeds)]
        seeds[candidate].append(next_seed + turn // len(seeds))
        turn += 1
    return [MemberSpec(candidate=candidate, seed=seed) for candidate, own in seeds.items() for seed in own]


class PopulationTraining:
    """One training, from fresh members to kept policies.

    Args:
        job: what to train.
        gamma: discount.
        programs: the compiled programs for this environment and population size.
        metric: the success metric, for the curves and the sparse baseline.
        make: makes the environments, from the seed indices of the members.
    """

    def __init__(
        self, job: TrainingJob, gamma: float, programs: PopulationPrograms, metric: MetricProgram | None,
        make: MakeRollouts,
    ) -> None:  # fmt: skip
        if job.ppo.num_envs * job.ppo.num_steps % job.ppo.num_minibatches:
            raise UsageError(
                f"ppo.num_minibatches = {job.ppo.num_minibatches} does not divide num_envs * num_steps = "
                f"{job.ppo.num_envs * job.ppo.num_steps}.",
                "Choose a divisor.",
            )
        self._job, self._programs = job, programs
        self._members = fill_population(job.members, job.population_size)
        self._seeds = [member.seed for member in self._members]
        self._rollouts = make(self._seeds)
        self._groups = self._made_groups(gamma, metric)

    def _made_groups(self, gamma: float, metric: MetricProgram | None) -> list[Group]:
        job, num_envs = self._job, self._job.ppo.num_envs
        groups: list[Group] = []
        first = 0
        for candidate in dict.fromkeys(member.candidate for member in self._members):
            seeds = [member.seed for member in self._members if member.candidate == candidate]
            reward = reward_of(job.rewards[candidate], gamma)
            columns = slice(first * num_envs, (first + len(seeds)) * num_envs)
            accounts = self._rollouts.accounts(reward, columns, metric)
            groups.append(Group(candidate, first, seeds, num_envs, reward, accounts))
            first += len(seeds)
        return groups

    def run(self, started: float, on_progress: OnProgress | None) -> Trained:
        """Train to the end. `started` is the monotonic time [s] of the call."""
        import numpy as np

        settings, job = self._job.ppo, self._job
        per_iteration = settings.num_envs * settings.num_steps
        iterations = -(-job.n_timesteps // per_iteration)
        member = self._programs.initialise(job.seed, self._seeds)
        best = self._programs.initialise(job.seed, self._seeds)
        first_update = 0.0
        diverged = np.zeros(len(self._members), np.int64)
        for iteration in range(iterations):
            rolled = self._rollouts.roll_out(member, iteration)
            diverged += np.asarray(self._by_member(rolled.slab.diverged).sum(axis=(0, 2)))
            reward = self._pay(rolled, (iteration + 1) * per_iteration)
            improved = np.concatenate([group.improved() for group in self._groups])
            best = self._programs.keep(improved, member, best)
            lesson = self._lesson(rolled, reward)
            member = self._programs.update(member, lesson, self._order(iteration), self._rate(iteration, iterations))
            self._note_failures(np.asarray(member.finite))
            first_update = first_update or time.monotonic() - started
            self._report(on_progress, (iteration + 1) * per_iteration, iterations * per_iteration, started)
        best = self._programs.keep(self._never_kept(), member, best)
        return Trained(self._groups, best, iterations * per_iteration * len(self._members), diverged, first_update)

    def _pay(self, rolled: Rolled, env_steps: int) -> Any:
        """Rewards of the slab `[T, N]`, candidate by candidate."""
        rewards = [group.pay(rolled, env_steps) for group in self._groups]
        return rewards[0].__array_namespace__().concatenate(rewards, axis=1)

    def _lesson(self, rolled: Rolled, reward: Any) -> ppo.Rollout:
        """What the update learns from, arrays `[T, M, E, ...]`."""
        import numpy as np

        slab = rolled.slab
        return ppo.Rollout(
            observation=self._by_member(slab.observation),
            next_observation=self._by_member(slab.next_observation),
            action=rolled.action,
            noise=rolled.noise,
            reward=self._by_member(reward),
            terminated=self._by_member(slab.terminated).astype(np.float32),
            truncated=self._by_member(slab.truncated).astype(np.float32),
        )

    def _order(self, iteration: int) -> NDArray[Any]:
        settings = self._job.ppo
        size = settings.num_envs * settings.num_steps
        return shuffles(self._job.seed, self._seeds, iteration, settings.update_epochs, size)

    def _rate(self, iteration: int, of: int) -> NDArray[Any]:
        import numpy as np

        settings = self._job.ppo
        return np.asarray(settings.learning_rate * (1.0 - iteration / of if settings.anneal_lr else 1.0), np.float32)

    def _by_member(self, array: NDArray[Any]) -> NDArray[Any]:
        """`[T, N, ...]` as `[T, M, E, ...]`."""
        return array.reshape(len(array), len(self._members), self._job.ppo.num_envs, *array.shape[2:])

    def _note_failures(self, finite: NDArray[Any]) -> None:
        finding = Finding(
            rule="training.diverged",
            severity="error",
            message="A PPO update was not finite: the rewards are finite but too large to learn from.",
            remedy="Keep each weighted term within about +-10 a step.",
        )
        for group in self._groups:
            for position, sound in enumerate(finite[group.slots]):
                if not sound:
                    group.fail(position, finding)

    def _never_kept(self) -> NDArray[Any]:
        """Members that never finished enough episodes for a checkpoint: their last policy is kept."""
        import numpy as np

        return np.concatenate([~np.isfinite(group.best_return) for group in self._groups])

    def _report(self, on_progress: OnProgress | None, env_steps: int, total: int, started: float) -> None:
        if on_progress is None:
            return
        members = len(self._members)
        latest = {group.candidate: group.latest() for group in self._groups}
        on_progress(Progress(self._job.id, env_steps * members, total * members, time.monotonic() - started, latest))
