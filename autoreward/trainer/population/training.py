"""Train one population: candidates x seeds in one batched simulation, one policy program, one PPO update.

rollout (T steps, all members)  ->  fields of its steps  ->  rewards, candidate by candidate  ->  one update of all
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from autoreward.errors import UsageError
from autoreward.records import Finding, MemberSpec, PPOSettings, Rung, TrainingJob
from autoreward.trainer.backends.backend import Backend, PopulationRollout
from autoreward.trainer.population import policy, ppo
from autoreward.trainer.population.group import CandidateMembers
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.reward_functions import reward_of
from autoreward.trainer.population.seeding import shuffles
from autoreward.trainer.population.survival import StoppedCandidate, leave, place, reunited, rows_of, with_new_episodes
from autoreward.trainer.progress import OnProgress, Progress
from autoreward.trainer.rungs import by_iteration, going_on, whole_trainings, why_stopped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.reward.program import MetricProgram


@dataclass
class Trained:
    """A trained population."""

    groups: list[CandidateMembers]
    best: policy.Actor  # the policies kept, stacked [M]
    env_steps: int
    diverged: NDArray[Any]  # episodes a member that ended because the simulation diverged [M]
    first_update_seconds: float


class Learning(NamedTuple):
    """What M members carry from iteration to iteration; every array has the member axis first."""

    member: ppo.Member
    average: policy.Actor  # running average of their policies
    best: policy.Actor  # the policies kept so far: the average where the own return was best
    diverged: NDArray[Any]  # episodes that ended because the simulation diverged [M]


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
        side: makes environments and accounts.
    """

    def __init__(
        self, job: TrainingJob, gamma: float, programs: PopulationPrograms, metric: MetricProgram | None, side: Backend
    ) -> None:
        if job.ppo.num_envs * job.ppo.num_steps % job.ppo.num_minibatches:
            raise UsageError(
                f"ppo.num_minibatches = {job.ppo.num_minibatches} does not divide num_envs * num_steps = "
                f"{job.ppo.num_envs * job.ppo.num_steps}.",
                "Choose a divisor.",
            )
        self._job, self._programs, self._side = job, programs, side
        self._left: list[StoppedCandidate] = []
        self._populate(self._made_groups(fill_population(job.members, job.population_size), gamma, metric), 0)
        self._candidates = [group.candidate for group in self._groups]

    def _made_groups(
        self, members: Sequence[MemberSpec], gamma: float, metric: MetricProgram | None
    ) -> list[CandidateMembers]:
        job, groups, first = self._job, [], 0
        for candidate in dict.fromkeys(member.candidate for member in members):
            seeds = [member.seed for member in members if member.candidate == candidate]
            reward = reward_of(job.rewards[candidate], gamma)
            accounts = self._side.accounts(reward, len(seeds), metric)
            groups.append(CandidateMembers(candidate, first, seeds, job.ppo.num_envs, reward, accounts))
            first += len(seeds)
        return groups

    def _populate(self, groups: list[CandidateMembers], done: int) -> None:
        """Train these groups from now on, in new environments; they have `done` iterations behind them."""
        self._groups = groups
        place(groups)
        self._seeds = [seed for group in groups for seed in group.seeds]
        self._rollouts = self._side.rollouts(self._seeds, done)

    def run(self, started: float, on_progress: OnProgress | None) -> Trained:
        """Train to the end. `started` is the monotonic time [s] of the call."""
        import numpy as np

        settings, job = self._job.ppo, self._job
        per_iteration = settings.num_envs * settings.num_steps
        iterations = -(-job.n_timesteps // per_iteration)
        rungs = by_iteration(job.rungs, iterations)
        decay, first_update = averaging_decay(settings, iterations), 0.0
        member = self._programs.initialise(job.seed, self._seeds)
        average = best = ppo.actor(member)
        diverged = np.zeros(len(self._seeds), np.int64)
        for iteration in range(iterations):
            rollout = self._rollouts.roll_out(member, iteration)
            diverged += np.asarray(self._by_member(rollout.steps.diverged).sum(axis=(0, 2)))
            reward = self._pay(rollout, (iteration + 1) * per_iteration)
            improved = np.concatenate([group.improved() for group in self._groups])
            average = self._programs.average(average, member, decay)
            best = self._programs.keep(improved, average, best)
            lesson = self._lesson(rollout, reward)
            member = self._programs.update(member, lesson, self._order(iteration), self._rate(iteration, iterations))
            self._note_failures(np.asarray(member.finite))
            first_update = first_update or time.monotonic() - started
            if iteration + 1 in rungs:
                learning = Learning(member, average, best, diverged)
                member, average, best, diverged = self._pass(rungs[iteration + 1], iteration + 1, iterations, learning)
            self._report(on_progress, iterations * per_iteration, started)
        best, env_steps = self._programs.keep(self._never_kept(), ppo.actor(member), best), self._env_steps()
        groups, best, diverged = self._everybody(best, diverged)
        return Trained(groups, best, env_steps, diverged, first_update)

    def _pass(self, rung: Rung, done: int, iterations: int, learning: Learning) -> Learning:
        """Stop the worse candidates after `done` iterations; what remains of the population's arrays."""
        stopped = self._stopped(rung, iterations * self._job.ppo.num_envs * self._job.ppo.num_steps)
        if not stopped:
            return learning
        kept = self._programs.keep(self._never_kept(), ppo.actor(learning.member), learning.best)
        self._left += leave(stopped, kept, learning.diverged)
        going = [group for group in self._groups if group not in stopped]
        remaining = rows_of(learning, going)
        for group in going:
            group.begin_anew()
        self._populate(going, done)
        return remaining._replace(member=with_new_episodes(remaining.member))

    def _everybody(
        self, best: policy.Actor, diverged: NDArray[Any]
    ) -> tuple[list[CandidateMembers], policy.Actor, NDArray[Any]]:
        """All groups in their first order, those that have left too, with the policies kept and diverged episodes."""
        if not self._left:
            return self._groups, best, diverged
        return reunited([*self._left, *leave(self._groups, best, diverged)], self._candidates)

    def _stopped(self, rung: Rung, of: int) -> list[CandidateMembers]:
        """The groups that do not go on, told why. `of`: environment steps of a member that does."""
        scores = [group.score() for group in self._groups]
        going = going_on(scores, rung.keep)
        stopped = [position for position in range(len(scores)) if position not in going]
        for position in stopped:
            group = self._groups[position]
            group.stopped = why_stopped(scores, position, len(going), group.env_steps, of)
        return [self._groups[position] for position in stopped]

    def _env_steps(self) -> int:
        """Environment steps of all members so far, also of those that have left."""
        everybody = [*self._groups, *(one.group for one in self._left)]
        return sum(group.env_steps * len(group.seeds) for group in everybody)

    def _pay(self, rollout: PopulationRollout, env_steps: int) -> Any:
        """Rewards of the rollout `[T, N]`, candidate by candidate."""
        rewards = [group.pay(rollout, env_steps) for group in self._groups]
        return rewards[0].__array_namespace__().concatenate(rewards, axis=1)

    def _lesson(self, rollout: PopulationRollout, reward: Any) -> ppo.MemberRollout:
        """What the update learns from, arrays `[T, M, E, ...]`."""
        import numpy as np

        steps = rollout.steps
        return ppo.MemberRollout(
            observation=self._by_member(steps.observation),
            next_observation=self._by_member(steps.next_observation),
            action=rollout.action,
            noise=rollout.noise,
            reward=self._by_member(reward),
            terminated=self._by_member(steps.terminated).astype(np.float32),
            truncated=self._by_member(steps.truncated).astype(np.float32),
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
        return array.reshape(len(array), len(self._seeds), self._job.ppo.num_envs, *array.shape[2:])

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

    def _report(self, on_progress: OnProgress | None, of: int, started: float) -> None:
        """Tell where the training stands. `of`: environment steps of a member that is trained to the end."""
        if on_progress is None:
            return
        done = self._env_steps()
        latest = {group.candidate: group.latest() for group in self._groups}
        total = done + self._still_to_come(of)
        on_progress(Progress(self._job.id, done, total, time.monotonic() - started, latest))

    def _still_to_come(self, of: int) -> int:
        """Environment steps from now on, if each rung still ahead stops as many as it should."""
        behind = self._groups[0].env_steps
        ahead = [rung for rung in self._job.rungs if rung.at * of > behind]
        left = [Rung(at=(rung.at * of - behind) / (of - behind), keep=rung.keep) for rung in ahead]
        members = len(self._seeds) / len(self._groups)  # of a candidate
        return round(whole_trainings(len(self._groups), left) * members * (of - behind))


def averaging_decay(settings: PPOSettings, iterations: int) -> NDArray[Any]:
    """Decay an iteration of the running average, whose time constant is a share of the training."""
    import numpy as np

    constant = settings.policy_average * iterations
    return np.asarray(np.exp(-1.0 / constant) if constant > 0.0 else 0.0, np.float32)
