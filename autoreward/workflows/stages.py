"""`check` and `train` on reward files: single stages of the search, without a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autoreward.config import Settings
from autoreward.critic import check
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward
from autoreward.errors import UsageError
from autoreward.export.frame import frame_findings, program_in
from autoreward.export.source import read_reward_file, read_text
from autoreward.records import CompiledMetric, MemberResult, MemberSpec, RewardSpec, Tier, TrainingJob, Verdict
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.final_evaluation import HUMAN, SPARSE, bucket
from autoreward.search.opening import compile_metric, make_task
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.population.training import Progress
from autoreward.views import CheckLine, NoteEvent, ProgressEvent, TrainLine, TrainTotals, TrainView


def check_files(files: Sequence[str], environment: Environment, required: Tier) -> list[CheckLine]:
    """The critic's verdict on each file; of an exported one also on what stands around its program.

    Raises:
        UsageError: a file cannot be read.
        IsolationError: the sandbox is below the required tier.
    """
    texts = [read_text(file) for file in files]
    sources = [(file, program_in(text)) for file, text in zip(files, texts, strict=True)]
    verdicts = check_sources(sources, environment, required)
    return [check_line(_in_frame(verdict, text)) for verdict, text in zip(verdicts, texts, strict=True)]


def _in_frame(verdict: Verdict, text: str) -> Verdict:
    """The verdict on a whole file: an exported one must not hold anything else than its program in our frame."""
    findings = frame_findings(text)
    if not findings:
        return verdict
    status = "refused" if verdict.status == "accepted" else verdict.status
    return verdict.model_copy(update={"status": status, "findings": (*findings, *verdict.findings), "reward": None})


def check_sources(sources: Sequence[tuple[str, str]], environment: Environment, required: Tier) -> list[Verdict]:
    """The critic's verdict on each (name, text), in a sandbox of its own."""
    with Sandbox(required) as sandbox:
        return check(sources, environment.spec, environment.transitions, sandbox)


def train_files(
    files: Sequence[str],
    environment: Environment,
    task: str | None,
    metric: str | None,
    settings: Settings,
    on_event: Callable[[Any], None],
) -> TrainView:
    """Train one population against reward files; `human` and `sparse` name the task's baselines."""
    spec = make_task(environment, "", task, metric)
    with Sandbox(settings.require_isolation) as sandbox, TrainerWorker() as worker:
        wanted = {
            file: RewardSpec(kind="sparse") for file in files
        }  # of each only its place counts, until it is checked
        worker.prepare(population_job(environment, task, wanted, None, settings))
        compiled = compile_metric(environment, spec, sandbox)
        labels = [file for file in files if file != SPARSE]
        sources = [(label, _source(label, environment, task)) for label in labels]
        verdicts = check(sources, environment.spec, environment.transitions, sandbox) if sources else []
        rewards = _rewards(files, verdicts)
        members: Sequence[MemberResult] = ()
        totals = TrainTotals(env_steps=0, seconds=0.0, steps_per_second=0.0, members=0)
        if rewards:
            job = population_job(environment, task, rewards, compiled, settings)
            result, _ = worker.train(job, training_told(on_event))
            members = result.members
            totals = TrainTotals(
                env_steps=result.env_steps,
                seconds=result.seconds,
                steps_per_second=result.env_steps / result.seconds,
                members=len(members),
            )
    refused = [_refused(verdict) for verdict in verdicts if verdict.status != "accepted"]
    return TrainView(
        lines=(*refused, *(train_line(member) for member in members)),
        totals=totals,
        checks=tuple(check_line(verdict) for verdict in verdicts),
    )


def _source(label: str, environment: Environment, task: str | None) -> str:
    if label != HUMAN or Path(label).is_file():
        return read_reward_file(label)
    source = human_reward(environment.pack, task)
    if source is None:
        raise UsageError(
            f"{environment.spec.name}/{task}: there is no human-written reward for it.", "Give a reward file."
        )
    return source


def _rewards(files: Sequence[str], verdicts: Sequence[Verdict]) -> dict[str, RewardSpec]:
    accepted = {verdict.candidate: verdict.reward for verdict in verdicts if verdict.status == "accepted"}
    rewards = {label: RewardSpec(kind="program", compiled=reward) for label, reward in accepted.items()}
    return rewards | ({SPARSE: RewardSpec(kind="sparse")} if SPARSE in files else {})


def population_job(
    environment: Environment,
    task: str | None,
    rewards: Mapping[str, RewardSpec],
    metric: CompiledMetric | None,
    settings: Settings,
) -> TrainingJob:
    """The training of a few rewards on the seeds 0, 1, ...: equal seeds are paired, whatever the reward."""
    design = settings.design
    members = [MemberSpec(candidate=label, seed=seed) for label in rewards for seed in range(design.seeds)]
    return TrainingJob(
        id="train",
        env=environment.spec.name,
        env_path=environment.path,
        task=task,
        members=tuple(members),
        rewards=dict(rewards),
        metric=metric,
        n_timesteps=design.n_timesteps,
        seed=design.seed,
        population_size=bucket(len(members)),
        evaluation_episodes=design.evaluation_episodes,
        ppo=settings.ppo,
        device=settings.device,
    )


def training_told(on_event: Callable[[Any], None]) -> Callable[[Progress], None]:
    """Reports a training as it happens."""

    def tell(progress: Progress) -> None:
        if progress.note is not None:
            on_event(NoteEvent(text=progress.note))
            return
        done = progress.env_steps / progress.total_steps
        left = progress.seconds * (1.0 - done) / done
        on_event(
            ProgressEvent(stage="training", done=progress.env_steps, total=progress.total_steps, seconds_left=left)
        )

    return tell


def check_line(verdict: Verdict) -> CheckLine:
    """A verdict as `check` prints it."""
    return CheckLine(
        file=verdict.candidate,
        status=verdict.status,
        tier=verdict.tier,
        findings=verdict.findings,
        seconds=round(verdict.seconds, 3),
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
    )
