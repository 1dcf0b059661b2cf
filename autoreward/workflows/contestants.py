"""The rewards that `compare` was asked about: from names to compiled programs, one environment and one task."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autoreward.config import Settings
from autoreward.critic import check
from autoreward.critic.stored import stored_reward_errors
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import split_environment
from autoreward.errors import NoValidCandidateError, StorageError, UnknownNameError, UsageError
from autoreward.ledger import Run, find_candidate
from autoreward.ledger.recordings import read_recordings
from autoreward.ledger.trust import trusted_pack
from autoreward.recordings import Recordings
from autoreward.records import CompiledReward, MetricSpec, TaskSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.runs.report import find_accepted
from autoreward.search.final_evaluation import HUMAN
from autoreward.workflows.check import is_human, read_source


@dataclass(frozen=True)
class Question:
    """What is to be compared, as a person said it; see `autoreward.api.compare`."""

    rewards: tuple[str, ...]
    env: str | None = None
    task: str | None = None
    metric: str | None = None
    training: bool = True
    picture: Path | None = None


@dataclass(frozen=True)
class Contestant:
    """One reward, ready to be evaluated. `stored`: evaluation trajectories of its policies, as the run keeps them."""

    name: str
    origin: Literal["file", "candidate", "human"]
    compiled: CompiledReward
    stored: Recordings


@dataclass(frozen=True)
class _FromRun:
    """A candidate of a run."""

    name: str
    task: TaskSpec
    pack: str  # its environment, by name or path
    compiled: CompiledReward
    stored: Recordings


@dataclass(frozen=True)
class Gathered:
    """What a comparison is of."""

    environment: Environment
    task: str | None
    contestants: list[Contestant]  # in the order given
    metric: MetricSpec | None = None  # of the runs, where they have one of their own in place of the task's


def gather(question: Question, settings: Settings, sandbox: Sandbox) -> Gathered:
    """The environment, the task, the rewards, and the metric that their runs were measured by.

    Raises:
        UsageError: fewer than two rewards, one twice, no environment, or different ones.
        UnknownNameError: there is no such run, candidate, environment or task.
        NoValidCandidateError: a reward did not pass the critic.
    """
    _check_names(question.rewards)
    from_runs = {name: _from_run(name, settings) for name in question.rewards if not _is_source(name)}
    env, task = _environment(question, list(from_runs.values()))
    environment = open_environment(env, task)
    sources = [(name, read_source(name, environment, task)) for name in question.rewards if name not in from_runs]
    compiled = _compile(sources, environment, sandbox)
    contestants = []
    for name in question.rewards:
        if name in from_runs:
            candidate = from_runs[name]
            if errors := stored_reward_errors(candidate.compiled, environment.spec):
                raise StorageError(f"{name}: would not be accepted: {errors[0].message}.", "Compare its source file.")
            contestants.append(Contestant(candidate.name, "candidate", candidate.compiled, candidate.stored))
        else:
            contestants.append(Contestant(name, "human" if is_human(name) else "file", compiled[name], ()))
    _check_names([contestant.name for contestant in contestants])
    return Gathered(environment, task, contestants, _own_metric(question, list(from_runs.values())))


def _own_metric(question: Question, runs: Sequence[_FromRun]) -> MetricSpec | None:
    """The metric that all runs have and that no task names; None where a person asks for another one."""
    if question.metric is not None or question.task is not None:
        return None
    metrics = [run.task.metric for run in runs]
    first = metrics[0] if metrics else None
    if first is None or first.origin == "task":
        return None
    return first if all(one is not None and one.digest == first.digest for one in metrics) else None


def _check_names(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{', '.join(twice)}: named twice.", "Name each reward once.")
    if len(names) < 2:
        raise UsageError(
            f"There is nothing to compare with {names[0] if names else 'nothing'}.",
            "Name at least two of: a reward file, RUN:CANDIDATE, RUN, human.",
        )


def _is_source(name: str) -> bool:
    return is_human(name) or Path(name).is_file() or name.endswith(".py")


def _from_run(name: str, settings: Settings) -> _FromRun:
    try:
        folder, candidate = find_candidate(Path(settings.runs), name)
    except UnknownNameError:
        _refuse_near_human(name)
        raise
    with Run.open(folder, write=False) as run:
        entry, compiled = find_accepted(run, candidate, "compare")
        stored = read_recordings(run, entry.id, ["trajectory"], missing_ok=True)
        label = f"{run.id.rpartition('_')[2]}:{entry.id}"
        return _FromRun(label, run.task, trusted_pack(run), compiled, stored)


def _refuse_near_human(name: str) -> None:
    """Refuse what is neither a file nor a run, and looks like the name of the human-written reward.

    Raises:
        UnknownNameError: it does.
    """
    error = UnknownNameError("reward file or run", name, (HUMAN,))
    if error.nearest is not None:
        raise error


def _environment(question: Question, runs: Sequence[_FromRun]) -> tuple[str, str | None]:
    """Environment and task: those that were asked for, else those of the runs."""
    if question.env is not None:
        return split_environment(question.env, question.task)
    names = sorted({run.pack for run in runs})
    if len(names) != 1:
        seen = f"The runs are of different environments: {', '.join(names)}." if names else "Files name no environment."
        raise UsageError(seen, "Name one: --env ENV or --env ENV/TASK.")
    tasks = {run.task.name for run in runs}
    return names[0], question.task or (tasks.pop() if len(tasks) == 1 else None)


def _compile(
    sources: Sequence[tuple[str, str]], environment: Environment, sandbox: Sandbox
) -> dict[str, CompiledReward]:
    verdicts = check(sources, environment.spec, environment.transitions, sandbox) if sources else []
    for verdict in verdicts:
        if verdict.reward is None:
            errors = [finding for finding in verdict.findings if finding.severity == "error"]
            why = "".join(f"\n{finding.in_words('    ')}" for finding in errors)
            name = environment.path or environment.pack.name
            raise NoValidCandidateError(
                f"{verdict.candidate}: {verdict.status} by the critic, so it cannot be compared:{why}",
                f"Mend it, and look again: autoreward check {shlex.quote(verdict.candidate)} --env {shlex.quote(name)}",
            )
    return {verdict.candidate: verdict.reward for verdict in verdicts if verdict.reward is not None}
