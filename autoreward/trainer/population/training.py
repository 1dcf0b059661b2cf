"""Train one population: candidates x seeds in one batched simulation, one policy program, one PPO update.

rollout (T steps, all members)  ->  fields of its steps  ->  rewards, candidate by candidate  ->  one update of all
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from autoreward.errors import EnvironmentFailedError, UsageError
from autoreward.records import Finding, MemberSpec, PPOSettings, RewardSpec, Rung, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.backends.backend import Backend
from autoreward.trainer.combination.combination import Combination
from autoreward.trainer.combination.learned import Subject
from autoreward.trainer.combination.making import make_combination
from autoreward.trainer.population import policy, ppo
from autoreward.trainer.population.candidate_members import CandidateMembers
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.reward_functions import RewardFunction, make_reward, program_of
from autoreward.trainer.population.rollout import PopulationRollout
from autoreward.trainer.population.seeding import draw_shuffles
from autoreward.trainer.population.stopped import (
    StoppedCandidate,
    drop_unfinished_episodes,
    join_all,
    place_side_by_side,
    select_members,
    take_out,
)
from autoreward.trainer.progress import OnProgress, Progress
from autoreward.trainer.rungs import by_iteration, count_whole_trainings, explain_stop, select_survivors

UPDATE_DIVERGED = Finding(
    rule="training.diverged",
    severity="error",
    message="A PPO update of the policy or the value function was not finite, though observations and rewards were.",
    remedy="Keep the weighted terms within float32, and lower ppo.learning_rate.",
)


SIMULATION_REFUSED = Finding(
    rule="training.simulation",
    severity="error",
    message="",  # the simulator's own words
    remedy='This is of the model, not of the reward. Where memory is short: <size memory="100M"/> in the model.',
)


@dataclass
class TrainedPopulation:
    """A trained population."""

    candidates: list[CandidateMembers]
    best: policy.Actor  # the policies kept, stacked [M]
    env_steps: int
    diverged: Int[np.ndarray, " M"]  # episodes a member that ended because the simulation diverged
    first_update_seconds: float


class Learning(NamedTuple):
    """What M members carry from iteration to iteration; every array has the member axis first."""

    member: ppo.Member
    average: policy.Actor  # running average of their policies
    best: policy.Actor  # the policies kept so far: the average where the own return was best
    diverged: Int[np.ndarray, " M"]  # episodes that ended because the simulation diverged


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
    return [MemberSpec(candidate=candidate, seed=seed) for candidate, several in seeds.items() for seed in several]


class PopulationTraining:
    """One training, from fresh members to kept policies.

    Args:
        job: what to train.
        gamma: discount.
        programs: the compiled programs for this environment and population size.
        metric: the success metric, for the curves and the sparse baseline.
        backend: steps the environments.
        guard: is told what is done for whom.
    """

    def __init__(
        self, job: TrainingJob, gamma: float, programs: PopulationPrograms, metric: MetricProgram | None,
        backend: Backend, guard: Guard,
    ) -> None:  # fmt: skip
        if job.ppo.num_envs * job.ppo.num_steps % job.ppo.num_minibatches:
            raise UsageError(
                f"ppo.num_minibatches = {job.ppo.num_minibatches} does not divide num_envs * num_steps = "
                f"{job.ppo.num_envs * job.ppo.num_steps}.",
                "Choose a divisor.",
            )
        self._job, self._programs, self._backend, self._guard = job, programs, backend, guard
        self._gamma = gamma
        self._stopped: list[StoppedCandidate] = []
        self._populate(self._make_candidates(fill_population(job.members, job.population_size), gamma, metric), 0)
        self._order = [one.candidate for one in self._candidates]

    def _make_candidates(
        self, members: Sequence[MemberSpec], gamma: float, metric: MetricProgram | None
    ) -> list[CandidateMembers]:
        job, candidates, first = self._job, [], 0
        for name in dict.fromkeys(member.candidate for member in members):
            seeds = [member.seed for member in members if member.candidate == name]
            with self._guard.stage("loading", name):
                reward = make_reward(job.rewards[name], gamma)
            statistics = self._backend.episode_statistics(reward, len(seeds), metric)
            combination = self._combination(job.rewards[name], reward, seeds)
            one = CandidateMembers(name, first, seeds, job.ppo.num_envs, reward, statistics, combination)
            candidates.append(one)
            first += len(seeds)
        return candidates

    def _combination(self, spec: RewardSpec, reward: RewardFunction, seeds: Sequence[int]) -> Combination | None:
        """How the terms of a program are weighted; None: as it says, or the task's progress is paid as it is."""
        program = program_of(reward)
        if program is None or not (spec.combination.learns or spec.requirements):
            return None
        subject = Subject(
            program.term_names, program.program_weights, tuple(seeds), self._job.seed, self._gamma, self._programs.head
        )
        return make_combination(spec, subject)

    def _populate(self, candidates: list[CandidateMembers], iterations_done: int) -> None:
        """Train these candidates from now on, in new environments."""
        self._candidates = candidates
        place_side_by_side(candidates)
        self._seeds = [seed for one in candidates for seed in one.seeds]
        self._backend.reset(self._seeds, iterations_done)

    def run(self, started: float, on_progress: OnProgress | None) -> TrainedPopulation:
        """Train to the end. `started` is the monotonic time [s] of the call."""
        settings, job = self._job.ppo, self._job
        per_iteration = settings.num_envs * settings.num_steps
        iterations = -(-job.n_timesteps // per_iteration)
        rungs = by_iteration(job.rungs, iterations)
        decay, first_update = averaging_decay(settings, iterations), 0.0
        member = self._programs.initialise(job.seed, self._seeds)
        average = best = ppo.actor(member)
        diverged = np.zeros(len(self._seeds), np.int64)
        for iteration in range(iterations):
            with self._guard.stage("rollout"):
                rollout = self._backend.roll_out(member, iteration)
            self._check_observations(rollout)
            self._note_refusals(self._backend.refusals())
            diverged += np.asarray(self._by_member(rollout.steps.diverged).sum(axis=(0, 2)))
            reward = self._compute_rewards(rollout, (iteration + 1) * per_iteration, member)
            improved = np.concatenate([one.check_improved() for one in self._candidates])
            average = self._programs.average(average, member, decay)
            best = self._programs.keep(improved, average, best)
            batch = self._update_batch(rollout, reward)
            order, rate = self._shuffle(iteration), self._learning_rate(iteration, iterations)
            with self._guard.stage("update"):
                member = self._programs.update(member, batch, order, rate)
                self._note_failures(np.asarray(member.finite))
                self._note_clipped(np.asarray(member.reward_scale.clipped))
            first_update = first_update or time.monotonic() - started
            if iteration + 1 in rungs:
                learning = Learning(member, average, best, diverged)
                learning = self._stop_worse(rungs[iteration + 1], iteration + 1, iterations, learning)
                member, average, best, diverged = learning
            self._report(on_progress, iterations * per_iteration, started)
        best, env_steps = self._programs.keep(self._never_kept(), ppo.actor(member), best), self._env_steps()
        candidates = self._candidates
        if self._stopped:
            everybody = [*self._stopped, *take_out(candidates, best, diverged)]
            candidates, best, diverged = join_all(everybody, self._order)
        return TrainedPopulation(candidates, best, env_steps, diverged, first_update)

    def _stop_worse(self, rung: Rung, iterations_done: int, iterations: int, learning: Learning) -> Learning:
        """Stop the worse candidates at a rung; what remains of the population's arrays."""
        worse = self._choose_worse(rung, iterations * self._job.ppo.num_envs * self._job.ppo.num_steps)
        if not worse:
            return learning
        kept = self._programs.keep(self._never_kept(), ppo.actor(learning.member), learning.best)
        self._stopped += take_out(worse, kept, learning.diverged)
        others = [one for one in self._candidates if one not in worse]
        remaining = select_members(learning, others)
        for one in others:
            one.reset_episodes()
        self._populate(others, iterations_done)
        return remaining._replace(member=drop_unfinished_episodes(remaining.member))

    def _choose_worse(self, rung: Rung, of: int) -> list[CandidateMembers]:
        """The candidates that do not go on, told why. `of`: environment steps of a member that does."""
        scores = [one.score() for one in self._candidates]
        survivors = select_survivors(scores, rung.keep)
        worse = [position for position in range(len(scores)) if position not in survivors]
        for position in worse:
            one = self._candidates[position]
            one.stopped = explain_stop(scores, position, len(survivors), one.env_steps, of)
        return [self._candidates[position] for position in worse]

    def _env_steps(self) -> int:
        """Environment steps of all members so far, also of those that were stopped."""
        everybody = [*self._candidates, *(one.candidate for one in self._stopped)]
        return sum(one.env_steps * len(one.seeds) for one in everybody)

    def _compute_rewards(self, rollout: PopulationRollout, env_steps: int, member: ppo.Member) -> Float[Any, "T N"]:
        """Rewards of the rollout, candidate by candidate."""
        rewards = []
        for one in self._candidates:
            with self._guard.stage("rewards", one.candidate):
                rewards.append(one.add_rollout(rollout, env_steps, member))
        return rewards[0].__array_namespace__().concatenate(rewards, axis=1)

    def _check_observations(self, rollout: PopulationRollout) -> None:
        """An observation that is not finite is the environment's failure, whatever is paid."""
        steps = rollout.steps
        for observed in (steps.observation, steps.next_observation):
            xp = observed.__array_namespace__()
            if bool(xp.isfinite(observed).all()):
                continue
            entries = np.flatnonzero(~np.isfinite(np.asarray(observed)).all(axis=(0, 1))).tolist()
            raise EnvironmentFailedError(
                f"{self._job.env}: the observation is not finite in training (entries {entries[:10]}).",
                "Guard divisions, logarithms and roots in observation() of its pack.py; `autoreward envs check` helps.",
            )

    def _update_batch(self, rollout: PopulationRollout, reward: Float[Any, "T N"]) -> ppo.MemberRollout:
        """What the update learns from, arrays `[T, M, E, ...]`."""
        steps = rollout.steps
        return ppo.MemberRollout(
            observation=self._by_member(_with_privileged(steps.observation, steps.privileged)),
            next_observation=self._by_member(_with_privileged(steps.next_observation, steps.next_privileged)),
            action=rollout.action,
            noise=rollout.noise,
            reward=self._by_member(reward),
            terminated=self._by_member(steps.terminated).astype(np.float32),
            truncated=self._by_member(steps.truncated).astype(np.float32),
        )

    def _shuffle(self, iteration: int) -> Int[np.ndarray, "M epochs B"]:
        settings = self._job.ppo
        size = settings.num_envs * settings.num_steps
        return draw_shuffles(self._job.seed, self._seeds, iteration, settings.update_epochs, size)

    def _learning_rate(self, iteration: int, of: int) -> Float[np.ndarray, ""]:
        settings = self._job.ppo
        return np.asarray(settings.learning_rate * (1.0 - iteration / of if settings.anneal_lr else 1.0), np.float32)

    def _by_member(self, array: Shaped[Any, "T N *rest"]) -> Shaped[Any, "T M E *rest"]:
        return array.reshape(len(array), len(self._seeds), self._job.ppo.num_envs, *array.shape[2:])

    def _note_refusals(self, refusals: Mapping[int, str]) -> None:
        for one in self._candidates:
            for position, slot in enumerate(np.arange(len(self._seeds))[one.slots]):
                if int(slot) in refusals:
                    one.fail(position, SIMULATION_REFUSED.model_copy(update={"message": refusals[int(slot)]}))

    def _note_failures(self, finite: Bool[np.ndarray, " M"]) -> None:
        for one in self._candidates:
            for position, sound in enumerate(finite[one.slots]):
                if not sound:
                    one.fail(position, UPDATE_DIVERGED)

    def _note_clipped(self, share: Float[np.ndarray, " M"]) -> None:
        for one in self._candidates:
            one.note_clipped(share[one.slots])

    def _never_kept(self) -> Bool[np.ndarray, " M"]:
        """Members that never finished enough episodes for a checkpoint: their last policy is kept."""
        return np.concatenate([~np.isfinite(one.best_return) for one in self._candidates])

    def _report(self, on_progress: OnProgress | None, of: int, started: float) -> None:
        """Tell where the training stands. `of`: environment steps of a member that is trained to the end."""
        if on_progress is None:
            return
        done = self._env_steps()
        latest = {one.candidate: one.latest() for one in self._candidates}
        total = done + self._steps_to_come(of)
        on_progress(Progress(self._job.id, done, total, time.monotonic() - started, latest))

    def _steps_to_come(self, of: int) -> int:
        """Environment steps from now on, if each rung still ahead stops as many as it should."""
        behind = self._candidates[0].env_steps
        ahead = [rung for rung in self._job.rungs if rung.at * of > behind]
        left = [Rung(at=(rung.at * of - behind) / (of - behind), keep=rung.keep) for rung in ahead]
        members = len(self._seeds) / len(self._candidates)  # of a candidate
        return round(count_whole_trainings(len(self._candidates), left) * members * (of - behind))


def averaging_decay(settings: PPOSettings, iterations: int) -> Float[np.ndarray, ""]:
    """Decay an iteration of the running average, whose time constant is a share of the training."""
    constant = settings.policy_average * iterations
    return np.asarray(np.exp(-1.0 / constant) if constant > 0.0 else 0.0, np.float32)


def _with_privileged(observation: Float[Any, "T N O"], privileged: Float[Any, "T N P"] | None) -> Float[Any, "T N V"]:
    """What the value network sees: the observation, and behind it what no policy does."""
    if privileged is None:
        return observation
    return observation.__array_namespace__().concatenate([observation, privileged], axis=-1)
