"""`train`: one population on reward files, without a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autoreward.config import Settings
from autoreward.critic import check
from autoreward.critic.requirements import compile_requirements, read_requirements
from autoreward.environment.environment import Environment
from autoreward.records import MemberResult, RewardSpec, TrainingResult, Verdict
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.final_evaluation import HUMAN, SPARSE
from autoreward.search.progress import training_listener
from autoreward.search.request import compile_metric, make_task
from autoreward.search.required import never_met
from autoreward.trainer.algorithms import require_algo
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.graphics import require_gpu
from autoreward.trainer.jobs import TrainingSetup
from autoreward.views import TrainLine, TrainTotals, TrainView
from autoreward.workflows.check import check_line, read_source, refuse_unknown_word

JOB = "train"


def train_files(
    files: Sequence[str],
    environment: Environment,
    task: str | None,
    metric: str | None,
    settings: Settings,
    on_event: Callable[[Any], None],
) -> TrainView:
    """Train one population against reward files.

    Args:
        files: reward files; `RUN:CANDIDATE`; `human` and `sparse` name the task's baselines.

    Raises:
        UsageError: a requirement or a combination that cannot be used.
    """
    read_requirements(settings.design.require, environment.spec)  # raises before processes are started
    for file in files:
        refuse_unknown_word(file, (HUMAN, SPARSE))
    require_gpu(settings.device)
    require_algo(settings.design.algo, environment)
    runs = Path(settings.runs)
    seeds = range(settings.design.seeds)
    spec = make_task(environment, "", task, metric)
    sources = [(file, read_source(file, environment, task, runs)) for file in files if file != SPARSE]
    with Sandbox(settings.require_isolation) as sandbox, TrainerWorker() as worker:
        # Of each reward only its place counts, until it is checked.
        places = {file: RewardSpec(kind="sparse") for file in files}
        worker.prepare(TrainingSetup(environment, task, None, settings).job(JOB, places, seeds))
        training = TrainingSetup(
            environment, task, compile_metric(environment, spec, sandbox, on_event), settings,
            requirements=compile_requirements(settings.design.require, environment.spec, sandbox),
        )  # fmt: skip
        verdicts = check(sources, environment.spec, environment.transitions, sandbox) if sources else []
        rewards = _reward_specs(files, verdicts, training)
        result = worker.train(training.job(JOB, rewards, seeds), training_listener(on_event))[0] if rewards else None
    refused = [_refused(verdict) for verdict in verdicts if verdict.status != "accepted"]
    return TrainView(
        lines=(*refused, *(train_line(member) for member in (result.members if result else ()))),
        totals=_totals(result),
        checks=tuple(check_line(verdict) for verdict in verdicts),
        notes=_notes(result) if result else (),
    )


def _reward_specs(files: Sequence[str], verdicts: Sequence[Verdict], training: TrainingSetup) -> dict[str, RewardSpec]:
    accepted = {verdict.candidate: verdict.reward for verdict in verdicts if verdict.status == "accepted"}
    rewards = {label: training.program_reward(reward) for label, reward in accepted.items()}
    return rewards | ({SPARSE: RewardSpec(kind="sparse")} if SPARSE in files else {})


def _notes(result: TrainingResult) -> tuple[str, ...]:
    """What did not go as planned: the trainer's own words, and why members failed, each once."""
    failed = {f"{one.candidate}: {one.finding.message}" for one in result.members if one.finding is not None}
    return (*result.notes, *sorted(failed), *never_met(result.members))


def _totals(result: TrainingResult | None) -> TrainTotals:
    if result is None:
        return TrainTotals(env_steps=0, seconds=0.0, steps_per_second=0.0, members=0)
    return TrainTotals(
        env_steps=result.env_steps,
        seconds=result.seconds,
        steps_per_second=result.env_steps / result.seconds if result.seconds > 0.0 else 0.0,
        members=len(result.members),
    )


def train_line(member: MemberResult) -> TrainLine:
    """A member as `train` prints it."""
    return TrainLine(
        file=member.candidate,
        seed=member.seed,
        status=member.status,
        success=member.success,
        progress=member.progress,
        own_episodic_return=member.own_return,
        env_steps=member.env_steps,
        weights=dict(member.weights),
        requirements=dict(member.requirements),
        required=dict(member.required),
    )


def _refused(verdict: Verdict) -> TrainLine:
    return TrainLine(
        file=verdict.candidate,
        seed=None,
        status="refused",
        success=None,
        progress=None,
        own_episodic_return=None,
        env_steps=0,
        findings=verdict.findings,
    )
