"""`autoreward bench bank`: train every reward of the bank once, chunk by chunk, and go on where it ended.

A chunk is one population, a few rewards x all seeds, as the trainer of a search runs it. It is stored as soon as it is
done, so that a kill loses one chunk at most.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from autoreward.bench.bank.condense import condense
from autoreward.bench.bank.rewards import BankReward, bank_rewards, file_rewards, list_digest
from autoreward.bench.bank.stored import BankChunk, BankPlan, bank_folder, open_plan, read_chunk, read_plan, write_chunk
from autoreward.bench.bank.summary import bank_view
from autoreward.config import Settings
from autoreward.critic import check
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import EnvironmentFailedError, UsageError
from autoreward.records import CompiledReward, RewardSpec, TrainingJob
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.request import compile_metric, make_task, run_versions
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.jobs import TrainingSetup
from autoreward.trainer.progress import Progress
from autoreward.views import BankView, ProgressEvent

SEEDS, N_TIMESTEPS, REWARDS_A_CHUNK = 5, 300_000, 4
FILES_A_CHUNK = 3  # a generation of eight and the human reward make three chunks; sparse comes after them

OnEvent = Callable[[Any], None]


@dataclass(frozen=True)
class BankSize:
    """How much is trained."""

    seeds: int = SEEDS  # a reward
    n_timesteps: int = N_TIMESTEPS  # environment steps a seed
    limit: int | None = None  # the first rewards only, in whole chunks

    @classmethod
    def of(cls, seeds: int | None, n_timesteps: int | None, limit: int | None) -> Self:
        """The size asked for; None means the default."""
        return cls(seeds or SEEDS, n_timesteps or N_TIMESTEPS, limit)


@dataclass(frozen=True)
class BankPlace:
    """Whose bank, and where it lies."""

    env: str
    task: str
    folder: Path | None = None  # None: in the package
    rewards: Path | None = None  # a folder of reward files or replies; None: the built-in list


def train_bank(place: BankPlace, size: BankSize, settings: Settings, on_event: OnEvent) -> BankView:
    """Train what is missing of a bank.

    Args:
        place: an environment that is installed, a task of it (with a human-written reward, for the built-in list).
        size: seeds and steps a reward, and how many rewards.
        settings: PPO, the job seed and evaluation episodes.

    Raises:
        UsageError: the folder holds a bank of other settings, or rewards are given without a folder for their bank.
        EnvironmentFailedError: a built-in reward does not pass the critic, or is the same as another one.
    """
    if place.rewards is not None and place.folder is None:
        raise UsageError("A bank of your own rewards needs a place.", "Add --folder DIR.")
    environment, task = open_environment(place.env, place.task), place.task
    where = place.folder or bank_folder(place.env, task)
    plan = open_plan(where, _plan(environment, place, size, settings, read_plan(where)))
    wanted = range(plan.chunks if size.limit is None else min(plan.chunks, -(-size.limit // plan.rewards_a_chunk)))
    missing = [index for index in wanted if read_chunk(where, index) is None]
    if missing:
        with Sandbox(settings.require_isolation) as sandbox, TrainerWorker() as worker:
            worker.start()
            metric = compile_metric(environment, make_task(environment, None, task, None), sandbox)
            design = settings.design.model_copy(update={"n_timesteps": plan.n_timesteps})
            training = TrainingSetup(environment, task, metric, settings.model_copy(update={"design": design}))
            compiled = _compiled(plan, missing, environment, sandbox)
            progress = _BankProgress(plan, wanted, missing, on_event)
            for index in missing:
                _train_chunk(where, plan, index, _job(training, plan, index, compiled), worker, progress)
    return bank_view(where, plan)


def _plan(
    environment: Environment, place: BankPlace, size: BankSize, settings: Settings, stored: BankPlan | None
) -> BankPlan:
    design = settings.design
    rewards = _rewards(environment, place, stored)
    return BankPlan(
        env=environment.spec.name,
        task=place.task,
        seeds=size.seeds,
        n_timesteps=size.n_timesteps,
        evaluation_episodes=design.evaluation_episodes,
        rewards_a_chunk=FILES_A_CHUNK if _from_files(rewards) else REWARDS_A_CHUNK,
        seed=design.seed,
        ppo=settings.ppo,
        list_digest=list_digest(rewards),
        rewards=rewards,
    )


def _rewards(environment: Environment, place: BankPlace, stored: BankPlan | None) -> tuple[BankReward, ...]:
    """Those of the folder of rewards, else those of files that the bank has already, else the built-in list."""
    if place.rewards is not None:
        return file_rewards(environment, place.task, place.rewards)
    if stored is not None and _from_files(stored.rewards):
        return stored.rewards
    return bank_rewards(environment, place.task)


def _compiled(
    plan: BankPlan, missing: Sequence[int], environment: Environment, sandbox: Sandbox
) -> dict[str, CompiledReward]:
    """The rewards of the missing chunks, compiled: all of them before the first one is trained.

    A file that the critic refuses is left out, and two files may pay the same: both is what a designer came to.
    """
    programs = [reward for index in missing for reward in plan.chunk(index) if reward.origin != "sparse"]
    sources, from_files = [(one.name, one.source) for one in programs], _from_files(programs)
    compiled: dict[str, CompiledReward] = {}
    seen: dict[object, str] = {}
    for verdict in check(sources, environment.spec, environment.transitions, sandbox):
        if verdict.reward is None and verdict.candidate in from_files:
            continue
        if verdict.reward is None:
            why = "; ".join(f"{finding.rule}: {finding.message}" for finding in verdict.findings)
            raise EnvironmentFailedError(f"{verdict.candidate} of the bank is {verdict.status}: {why}")
        twin = seen.setdefault(identity(verdict.reward), verdict.candidate)
        if twin != verdict.candidate and verdict.candidate not in from_files:
            raise EnvironmentFailedError(f"{verdict.candidate} of the bank pays the same as {twin}.")
        compiled[verdict.candidate] = verdict.reward
    return compiled


def _from_files(rewards: Sequence[BankReward]) -> set[str]:
    return {reward.name for reward in rewards if reward.origin == "file"}


def identity(reward: CompiledReward) -> object:
    """Equal for rewards that pay the same: the computation and the numbers outside it."""
    return reward.digest, tuple(reward.weights.items()), tuple(sorted(reward.params.items()))


def _job(training: TrainingSetup, plan: BankPlan, index: int, compiled: Mapping[str, CompiledReward]) -> TrainingJob:
    rewards = {}
    for reward in plan.chunk(index):
        if reward.origin == "sparse":
            rewards[reward.name] = RewardSpec(kind="sparse")
        elif reward.name in compiled:
            rewards[reward.name] = RewardSpec(kind="program", compiled=compiled[reward.name])
    return training.job(f"bank{index:02d}", rewards, range(plan.seeds), population_size=len(rewards) * plan.seeds)


def _train_chunk(
    folder: Path, plan: BankPlan, index: int, job: TrainingJob, worker: TrainerWorker, progress: _BankProgress
) -> None:
    result, recordings = worker.train(job, progress)
    names = tuple(job.rewards)
    compiled = [job.rewards[name].compiled for name in names]
    chunk = BankChunk(
        index=index,
        rewards=names,
        digests=tuple(reward.digest for reward in compiled if reward is not None),
        members=result.members,
        env_steps=result.env_steps,
        seconds=round(result.seconds, 1),
        steps_per_second=round(result.env_steps / result.seconds, 1),
        versions=run_versions(),
    )
    write_chunk(folder, chunk, condense(recordings, names, plan.seeds))
    progress.finish_chunk(result.env_steps)


class _BankProgress:
    """Reports the training of a bank as one training."""

    def __init__(self, plan: BankPlan, wanted: range, missing: Sequence[int], on_event: OnEvent) -> None:
        self._on_event = on_event
        self._total = sum(self._steps(plan, index) for index in wanted)
        self._before = self._total - sum(self._steps(plan, index) for index in missing)
        self._done = self._before
        self._started = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        done = min(self._done + progress.env_steps, self._total)
        fresh = max(1, done - self._before)
        left = (time.monotonic() - self._started) * (self._total - done) / fresh
        self._on_event(
            ProgressEvent(stage="training", done=done, total=self._total, counted="steps", seconds_left=left)
        )

    def finish_chunk(self, env_steps: int) -> None:
        """A chunk is done and stored."""
        self._done += env_steps

    @staticmethod
    def _steps(plan: BankPlan, index: int) -> int:
        """Environment steps of a chunk; whole rollouts are made."""
        rollout = plan.ppo.num_envs * plan.ppo.num_steps
        return -(-plan.n_timesteps // rollout) * rollout * plan.seeds * len(plan.chunk(index))
