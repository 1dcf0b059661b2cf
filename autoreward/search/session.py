"""What one search works with, opened on a run, and its question to the ledger: has this been done already?

A search is a function that starts from the beginning and asks the ledger for every expensive result, so resuming is
calling it again. Whatever can be lost by a kill is one check of a candidate or one training.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from autoreward.config import DesignSettings, ModelSettings, Settings
from autoreward.critic.metrics import check_metric
from autoreward.critic.properties import MeaningTests
from autoreward.critic.requirements import compile_requirements
from autoreward.designer.choose import make_designer
from autoreward.designer.designer import Designer
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward
from autoreward.ledger import Run
from autoreward.ledger.run import version_key
from autoreward.ledger.trust import remember_own, require_trusted
from autoreward.llm.resolve import Choice, choose
from autoreward.people.notes import read_note
from autoreward.people.reviewer import MetricReviewer
from autoreward.process_environment import model_environment
from autoreward.recordings import Recordings
from autoreward.records import (
    CompiledMetric,
    CompiledSubtasks,
    EnvSpec,
    Finding,
    MetricRevision,
    MetricSpec,
    Requirements,
    TaskSpec,
    TrainingJob,
    TrainingResult,
    Transitions,
)
from autoreward.reward.sandbox.isolation import TIERS
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.budget import check_budget, count_spent, selection_population
from autoreward.search.calls import CallsInFlight
from autoreward.search.clips import Clips
from autoreward.search.events import (
    EXTENDED,
    GENERATION,
    METRIC,
    METRIC_REVISION,
    PROGRAM_FAILED,
    REQUIREMENTS,
    STARTED,
    SUBTASKS,
    Extended,
    Started,
)
from autoreward.search.request import compile_metric
from autoreward.search.stored import recheck_programs
from autoreward.trainer.client import Supervision, TrainerWorker
from autoreward.trainer.jobs import TrainingSetup
from autoreward.trainer.progress import OnProgress
from autoreward.versions import installed_versions
from autoreward.views import NoteEvent, ProgressEvent

OnEvent = Callable[[Any], None]
CHECKPOINTS = "training"  # folder of a run: where off-policy learners of a job stand
# Settings of the way to a model, which a later sitting may state anew.
WAYS = ("base_url", "request_timeout", "outage_budget", "reader_patience", "max_output_tokens", "parallel_requests")


@dataclass
class Session:
    """Everything a search needs."""

    run: Run
    settings: Settings
    task: TaskSpec
    environment: Environment
    human: str | None  # source of the expert's reward: compiled as a baseline, never part of a brief
    metric: CompiledMetric | None
    designer: Designer
    sandbox: Sandbox
    worker: TrainerWorker
    clips: Clips
    on_event: OnEvent
    designer_message: str  # which designer, why, how to use another
    generations: int  # how many there shall be in all; `refine` adds one
    reviewer: MetricReviewer | None = None  # of a metric that is found in the text; None: there is no one to ask
    subtasks: Mapping[str, CompiledMetric] = field(default_factory=dict)  # of the metric, by name
    requirements: Requirements | None = None  # that the policies of all candidates have to keep to
    tests: dict[int, MeaningTests | None] = field(default_factory=dict)  # of meaning, by version of the metric
    started: float = field(default_factory=time.monotonic)
    calls: CallsInFlight = field(default_factory=CallsInFlight)
    reported: set[str] = field(default_factory=set)  # what `report_once` has said

    @property
    def env(self) -> EnvSpec:
        """What a designer sees of the environment."""
        return self.environment.spec

    @property
    def transitions(self) -> Transitions:
        """Real transitions, for the critic."""
        return self.environment.transitions

    @property
    def training(self) -> TrainingSetup:
        """What all trainings of the search share."""
        return TrainingSetup(
            self.environment, self.task.name, self.metric, self.settings, self.subtasks, self.requirements
        )

    def take_metric(self) -> None:
        """The metric that was agreed on since the session was opened is the one it measures."""
        self.task = self.run.task
        self.metric = _compile_metric_once(self.run, self.environment, self.sandbox, self.on_event)
        self.subtasks = compile_subtasks(self.run, self.env, self.sandbox, self.task.metric, self.run.metric_version)

    def check_budget(self, coming_steps: int = 0) -> None:
        """Stop before a budget is exceeded; see `budget.check_budget`."""
        check_budget(count_spent(self.run, self.started), self.settings.budget, coming_steps)

    def supervise_training(self) -> Supervision:
        """Programs that failed in training are remembered and not tried again; `max_time` ends a training too."""
        failed = {event.key: event.record(Finding) for event in self.run.events(PROGRAM_FAILED)}

        def remember(candidate: str, finding: Finding) -> None:
            self.run.append(PROGRAM_FAILED, candidate, finding)
            self.on_event(NoteEvent(text=finding.message))

        def watch_clock() -> None:
            if self.settings.budget.max_time is not None:
                self.check_budget()

        return Supervision(failed, remember, watch_clock)

    def train(self, job: TrainingJob, on_progress: OnProgress) -> tuple[TrainingResult, Recordings]:
        """Train a population; off-policy learners keep where they are beside the run until their job is done."""
        if job.algo != "ppo":
            self.drop_checkpoints(but=job.id)
            folder = self.run.folder(f"{CHECKPOINTS}/{quote(job.id, safe='')}")
            job = job.model_copy(update={"checkpoints": str(folder.resolve())})
        return self.worker.train(job, on_progress, self.supervise_training())

    def drop_checkpoints(self, but: str = "") -> None:
        """Remove what learners have kept, but for those of one job: the others are done."""
        folder = self.run.folder(CHECKPOINTS)
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name != quote(but, safe="") and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)

    def report_once(self, text: str) -> None:
        """Say something that has to stay, once a sitting."""
        if text not in self.reported:
            self.reported.add(text)
            self.on_event(NoteEvent(text=text))

    def report_progress(self, **facts: Any) -> None:
        """Say where the search stands."""
        self.on_event(ProgressEvent(generations=self.generations, **facts))


@contextmanager
def open_session(
    run: Run,
    environment: Environment,
    on_event: OnEvent,
    settings: Settings,
    reviewer: MetricReviewer | None = None,
) -> Iterator[Session]:
    """A session on a run that is open for writing; its processes end with it.

    Args:
        reviewer: a person who is asked about a metric that is found in the text.

    Raises:
        UsageError: the metric is refused; the message holds its findings.
        ModelError: the designer cannot be reached or used.
        IsolationError: the sandbox is below the required tier.
    """
    task = run.task
    recheck_programs(run, environment.spec, environment.measured)
    say_what_has_changed(run, on_event)
    with (
        Sandbox(settings.require_isolation) as sandbox,
        TrainerWorker() as worker,
        Clips(run, on_event, settings.design.clips) as clips,
    ):
        _compile_ahead(worker, TrainingSetup(environment, task.name, None, settings))
        llm = keep_designer(run, settings.llm)
        choice = choose(llm, model_environment())
        run.once(STARTED, "", Started, lambda: _started(choice))
        extended = [event.record(Extended).generations for event in run.events(EXTENDED)]
        yield Session(
            run=run,
            settings=settings,
            task=task,
            environment=environment,
            human=human_reward(environment.pack, task.name),
            metric=_compile_metric_once(run, environment, sandbox, on_event),
            designer=make_designer(
                choice, llm, model_environment(), run.path, lambda line: on_event(ProgressEvent(stage=line))
            ),
            sandbox=sandbox,
            worker=worker,
            clips=clips,
            on_event=on_event,
            designer_message=choice.line,
            generations=max([settings.design.generations + settings.design.tuning_generations, *extended]),
            reviewer=reviewer,
            subtasks=compile_subtasks(run, environment.spec, sandbox, task.metric, run.metric_version),
            requirements=_compile_requirements_once(run, settings.design, environment.spec, sandbox),
        )


def _compile_requirements_once(run: Run, design: DesignSettings, env: EnvSpec, sandbox: Sandbox) -> Requirements | None:
    if not design.require:
        return None

    def compute() -> Requirements:
        compiled = compile_requirements(design.require, env, sandbox)
        assert compiled is not None  # there are some
        return compiled

    return run.once(REQUIREMENTS, "", Requirements, compute)


def compile_subtasks(
    run: Run, env: EnvSpec, sandbox: Sandbox, metric: MetricSpec | None, version: int
) -> Mapping[str, CompiledMetric]:
    """The subtasks of a version of the metric, compiled once, by name."""
    if metric is None or not metric.subtasks:
        return {}

    def compute() -> CompiledSubtasks:
        programs = {one.name: check_metric(one.code, env, env.horizon, sandbox) for one in metric.subtasks}
        return CompiledSubtasks(programs=programs)

    return run.once(SUBTASKS, version_key(version), CompiledSubtasks, compute).programs


def say_what_has_changed(run: Run, on_event: OnEvent) -> None:
    """Numbers of a run that goes on with other versions are not of one trainer."""
    now = installed_versions()
    changed = [name for name, version in now.items() if run.versions.get(name, version) != version]
    if changed:
        before, after = (", ".join(f"{name} {of[name]}" for name in changed) for of in (run.versions, now))
        text = (
            f"This run was begun with {before} and goes on with {after}: what was trained before and after may differ."
        )
        on_event(NoteEvent(text=text))


def _compile_ahead(worker: TrainerWorker, training: TrainingSetup) -> None:
    """Have the trainer compile for the shape that every generation has, while others work."""
    size = selection_population(training.settings.design)
    worker.prepare(training.job("shape", {}, (), population_size=size))


def keep_designer(run: Run, llm: ModelSettings) -> ModelSettings:
    """The designer is chosen once for a whole run."""
    started = run.get(STARTED, "", Started)
    if started is None:
        return llm
    return llm.model_copy(update={"model": started.designer, "base_url": llm.base_url or started.base_url})


def _started(choice: Choice) -> Started:
    """What is stored of the designer; its server is known from now on, also to a sitting without these settings."""
    remember_own(server=choice.base_url)
    return Started(designer=choice.name, base_url=choice.base_url)


def require_trusted_server(run: Run, now: Settings) -> None:
    """Refuse to send the key to an address that only the run names.

    Raises:
        UntrustedError: the person at this machine has neither used nor confirmed it.
    """
    if now.llm.base_url is None:  # else that one is asked
        started = run.get(STARTED, "", Started)
        address = run.settings.llm.base_url or (started.base_url if started else None)
        require_trusted(f"Run {run.id}", server=address)
    for event in run.events(METRIC_REVISION):
        require_trusted(f"Run {run.id}", server=event.record(MetricRevision).base_url)


def _compile_metric_once(
    run: Run, environment: Environment, sandbox: Sandbox, on_event: OnEvent
) -> CompiledMetric | None:
    task = run.task
    if task.metric is None:
        return None

    def compute() -> CompiledMetric:
        compiled = compile_metric(environment, task, sandbox, on_event)
        assert compiled is not None  # the task has a metric
        return compiled

    return run.once(METRIC, version_key(run.metric_version), CompiledMetric, compute)


def continue_settings(run: Run, now: Settings) -> Settings:
    """The settings a run was started with, under the budgets and the ways to the model of today."""
    before = run.settings
    llm = before.llm.model_copy(update=_stated_today(now.llm))
    changed = {name: value for name, value in now.budget if value is not None}
    required = max(before.require_isolation, now.require_isolation, key=TIERS.index)  # never lowered silently
    budget = before.budget.model_copy(update=changed)
    return before.model_copy(update={"budget": budget, "llm": llm, "require_isolation": required})


def _stated_today(llm: ModelSettings) -> dict[str, Any]:
    """How the model is reached, as far as somebody says so today; what is asked of it stays that of the run."""
    usual = ModelSettings()
    return {name: value for name in WAYS if (value := getattr(llm, name)) != getattr(usual, name)}


def extend_run(run: Run, note: str, candidate: str | None, start: str | None = None) -> None:
    """Store a person's note, and that the search shall have one more generation.

    Args:
        note: "" where nothing is said.
        start: the candidate that the new generation starts from; None: whichever is chosen.
    """
    if note or start is None:
        run.add_note(read_note(note), candidate)
    done = len(list(run.events(GENERATION)))
    run.append(EXTENDED, str(done), Extended(generations=done + 1, start=start))
