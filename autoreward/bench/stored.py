"""Trainings of a measurement that takes long: each is stored as soon as it is done, so that a kill loses one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoreward.config import Settings
from autoreward.critic import check
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.ledger.files import write_atomic
from autoreward.records import CompiledReward, MemberResult, RewardSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.progress import training_listener
from autoreward.search.request import compile_metric, make_task
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.jobs import TrainingSetup

OnEvent = Callable[[Any], None]
MakeRewards = Callable[[Environment, Sandbox], Mapping[str, RewardSpec]]


@dataclass(frozen=True)
class StoredTraining:
    """One training of a measurement.

    Attributes:
        folder: of the results; made where it does not exist.
        name: of its file.
        env: whose task is trained.
        task: of the environment.
        settings: with the seeds and the steps.
    """

    folder: Path
    name: str
    env: str
    task: str
    settings: Settings

    def members(self, rewards: MakeRewards, on_event: OnEvent) -> tuple[MemberResult, ...]:
        """What it came to: stored, or trained now.

        Args:
            rewards: makes them, by candidate.

        Raises:
            UsageError: the folder has results of other sizes.
        """
        stored = self._read()
        return stored if stored is not None else self._train(rewards, on_event)

    @property
    def _size(self) -> dict[str, int]:
        return {"seeds": self.settings.design.seeds, "n_timesteps": self.settings.design.n_timesteps}

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.env}_{self.name}.json"

    def _read(self) -> tuple[MemberResult, ...] | None:
        if not self._file.is_file():
            return None
        stored, size = json.loads(self._file.read_text(encoding="utf-8")), self._size
        if any(stored[name] != value for name, value in size.items()):
            seen = f"{stored['seeds']} seeds x {stored['n_timesteps']:,} steps"
            asked = f"{size['seeds']} x {size['n_timesteps']:,}"
            raise UsageError(f"{self._file} has {seen}, asked for {asked}.", "Name another folder.")
        members = [MemberResult.model_validate(one) for one in stored["members"]]
        return tuple(one for one in members if one.seed < size["seeds"])

    def _train(self, rewards: MakeRewards, on_event: OnEvent) -> tuple[MemberResult, ...]:
        environment, design = open_environment(self.env, self.task), self.settings.design
        with Sandbox(self.settings.require_isolation) as sandbox, TrainerWorker() as worker:
            worker.start()
            metric = compile_metric(environment, make_task(environment, None, self.task, None), sandbox)
            setup, made = TrainingSetup(environment, self.task, metric, self.settings), rewards(environment, sandbox)
            job = setup.job(self.name, made, range(design.seeds), population_size=len(made) * design.seeds)
            result, _ = worker.train(job, training_listener(on_event))
        stored = self._size | {"seconds": result.seconds}
        members = [one.model_dump(mode="json") for one in result.members]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self._file, json.dumps(stored | {"members": members}, indent=1) + "\n")
        return result.members


def compiled(sources: Mapping[str, str], environment: Environment, sandbox: Sandbox) -> dict[str, CompiledReward]:
    """Programs that the critic accepts, by name."""
    verdicts = check(list(sources.items()), environment.spec, environment.transitions, sandbox)
    return {one.candidate: one.reward for one in verdicts if one.reward is not None}


def by_seed(members: Sequence[MemberResult], candidate: str) -> dict[int, float]:
    """The success of a candidate on each seed."""
    return {one.seed: one.success for one in members if one.candidate == candidate and one.success is not None}
