"""Train one population: candidates x seeds in one batched simulation, one policy program, one PPO update.

rollout (T steps, all members)  ->  fields of the slab  ->  rewards, candidate by candidate  ->  one update of all
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autoreward.errors import UsageError
from autoreward.physics.vector_env import Slab, VectorEnv
from autoreward.records import Finding, MemberSpec, TrainingJob
from autoreward.tasks.pack import Noise, Pack
from autoreward.trainer import ppo
from autoreward.trainer.group import Group
from autoreward.trainer.programs import PopulationPrograms, seed_array
from autoreward.trainer.seeding import Purpose, reset_noise

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


OnProgress = Callable[[Progress], None]


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
        pack: the environment.
        env: `population_size * num_envs` environments.
        programs: the compiled programs for this environment and population size.
        metric: the success metric, for the curves and the sparse baseline.
    """

    def __init__(
        self, job: TrainingJob, pack: Pack, env: VectorEnv, programs: PopulationPrograms, metric: MetricProgram | None
    ) -> None:
        if job.ppo.num_envs * job.ppo.num_steps % job.ppo.num_minibatches:
            raise UsageError(
                f"ppo.num_minibatches = {job.ppo.num_minibatches} does not divide num_envs * num_steps = "
                f"{job.ppo.num_envs * job.ppo.num_steps}.",
                "Choose a divisor.",
            )
        self._job, self._env, self._programs = job, env, programs
        self._members = fill_population(job.members, job.population_size)
        self._seeds = [member.seed for member in self._members]
        gamma = job.ppo.gamma if job.ppo.gamma is not None else pack.gamma
        self._groups = _groups(self._members, job, gamma)
        for group in self._groups:
            group.measure_with(metric, env.horizon)

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
        self._env.reset(self._reset_noise(-1, 1))
        for iteration in range(iterations):
            slab, actions = self._roll_out(member, iteration)
            diverged += self._by_member(slab.diverged).any(axis=(0, 2))
            reward = self._pay(slab, (iteration + 1) * per_iteration)
            improved = np.concatenate([group.improved() for group in self._groups])
            best = self._programs.keep(improved, member, best)
            member = self._update(member, slab, actions, reward, iteration, iterations)
            self._note_failures(np.asarray(member.finite))
            first_update = first_update or time.monotonic() - started
            self._report(on_progress, (iteration + 1) * per_iteration, iterations * per_iteration, started)
        best = self._programs.keep(self._never_kept(), member, best)
        return Trained(self._groups, best, iterations * per_iteration * len(self._members), diverged, first_update)

    def _roll_out(self, member: ppo.Member, iteration: int) -> tuple[Slab, NDArray[Any]]:
        """T steps of all environments; also the unclipped policy actions `[T, M, E, A]`."""
        import numpy as np

        settings, env = self._job.ppo, self._env
        resets = self._reset_noise(iteration, settings.num_steps)
        noise = self._programs.action_noise(np.int32(self._job.seed), seed_array(self._seeds), np.int32(iteration))
        slab = env.new_slab(settings.num_steps)
        actions = np.empty(noise.shape, np.float32)
        observation = env.observation
        for t in range(settings.num_steps):
            seen = observation.reshape(len(self._members), settings.num_envs, -1)
            action, applied = self._programs.act(member, seen, noise, np.int32(t))
            actions[t] = action
            applied = np.asarray(applied).reshape(env.num_envs, -1)
            observation = env.step(applied, slab, t, Noise(resets.uniform[t], resets.normal[t]))
        env.finish(slab)
        return slab, actions

    def _pay(self, slab: Slab, env_steps: int) -> NDArray[Any]:
        """Rewards of the slab `[T, N]`, candidate by candidate."""
        import numpy as np

        state, next_state = self._env.fields(slab, after=False), self._env.fields(slab, after=True)
        ended = slab.ended
        rewards = [group.pay(state, slab.action, next_state, ended, slab.elapsed, env_steps) for group in self._groups]
        return np.concatenate(rewards, axis=1)

    def _update(
        self, member: ppo.Member, slab: Slab, actions: NDArray[Any], reward: NDArray[Any], iteration: int, of: int
    ) -> ppo.Member:
        import numpy as np

        rollout = ppo.Rollout(
            observation=self._by_member(slab.observation),
            next_observation=self._by_member(slab.next_observation),
            action=actions,
            reward=self._by_member(reward),
            terminated=self._by_member(slab.terminated).astype(np.float32),
            truncated=self._by_member(slab.truncated).astype(np.float32),
        )
        settings = self._job.ppo
        rate = settings.learning_rate * (1.0 - iteration / of if settings.anneal_lr else 1.0)
        return self._programs.update(  # type: ignore[no-any-return]
            member, rollout, np.int32(self._job.seed), seed_array(self._seeds), np.int32(iteration), np.float32(rate)
        )

    def _by_member(self, array: NDArray[Any]) -> NDArray[Any]:
        """`[T, N, ...]` as `[T, M, E, ...]`."""
        return array.reshape(len(array), len(self._members), self._job.ppo.num_envs, *array.shape[2:])

    def _reset_noise(self, iteration: int, num_steps: int) -> Noise:
        """Noise of a slab; iteration -1 is the first reset."""
        shape = (num_steps, self._job.ppo.num_envs, self._env.noise_size)
        noise = reset_noise(self._job.seed, self._seeds, Purpose.RESETS, iteration + 1, shape)
        return noise if iteration >= 0 else Noise(noise.uniform[0], noise.normal[0])

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


def _groups(members: Sequence[MemberSpec], job: TrainingJob, gamma: float) -> list[Group]:
    groups = []
    first = 0
    for candidate in dict.fromkeys(member.candidate for member in members):
        seeds = [member.seed for member in members if member.candidate == candidate]
        groups.append(Group(candidate, first, seeds, job.ppo.num_envs, job.rewards[candidate], gamma))
        first += len(seeds)
    return groups
