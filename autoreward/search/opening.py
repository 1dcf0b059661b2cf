"""From what a person asked for to a session: environment, task, metric, designer, processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autoreward.config import BudgetSettings, ModelSettings, Settings, known_secrets, model_environment
from autoreward.critic import check_metric, metric_from_expression
from autoreward.designer.choose import make_designer
from autoreward.designer.prompts import templates_digest
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward, load_task, task_names
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.llm.price import cost_of
from autoreward.llm.resolve import Choice, choose
from autoreward.people.notes import read_note
from autoreward.records import CompiledMetric, MetricSpec, TaskSpec, TrainingJob
from autoreward.redaction import redacted
from autoreward.reward.sandbox.isolation import TIERS
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.clips import Clips
from autoreward.search.events import EXTENDED, GENERATION, METRIC, STARTED, Extended, Started
from autoreward.search.session import OnEvent, Session
from autoreward.trainer.client import TrainerWorker
from autoreward.views import ProgressEvent

PACKAGES = ("autoreward", "jax", "mujoco", "mjbatch", "numpy", "optax", "gymnasium", "openai")


def make_task(environment: Environment, text: str | None, task: str | None, metric: str | None) -> TaskSpec:
    """The task a person asked for. A text without a task never borrows a task's metric.

    Raises:
        UsageError: there is a text but no metric, or neither text nor task.
        UnknownNameError: the pack has no such task.
    """
    named = load_task(environment.pack, task) if task is not None else None
    if named is None and text is None:
        raise UsageError(
            f"{environment.pack.name}: neither a text nor a task was given.",
            f"--task {_or_list(task_names(environment.pack))}",
        )
    given = metric_spec(environment, metric) if metric is not None else None
    if named is None and given is None:
        raise UsageError(
            "A text alone does not say how success is measured, and no task's metric is borrowed for it.",
            f"Name a task (--task {_or_list(task_names(environment.pack))}), or give a metric: "
            f"--metric {_example_metric(environment)}",
        )
    found = given or (named.metric if named else None)
    return TaskSpec(
        env=environment.pack.name,
        env_path=environment.path,
        name=task,
        text=redacted(text or (named.text if named else ""), known_secrets()),
        metric=found,
    )


def metric_spec(environment: Environment, metric: str) -> MetricSpec:
    """A metric given as a file, or as an expression over trajectory fields."""
    path = Path(metric).expanduser()
    if path.suffix == ".py":
        try:
            code = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--metric {metric}: cannot be read: {error}.") from error
        return MetricSpec(origin="file", code=code, meaning=f"as {path.name} measures it")
    return MetricSpec(origin="expression", code=metric_from_expression(metric, environment.spec), meaning=metric)


def compile_metric(environment: Environment, task: TaskSpec, sandbox: Sandbox) -> CompiledMetric | None:
    """The task's metric as the trainer runs it."""
    if task.metric is None:
        return None
    return check_metric(task.metric.code, environment.spec, environment.spec.horizon, sandbox)


def versions() -> dict[str, str]:
    """What a run was made with."""
    return {"prompts": templates_digest(), **installed_versions(PACKAGES)}


def installed_versions(packages: Sequence[str]) -> dict[str, str]:
    """The version of each package, or `not installed`."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def check_wishes(environment: Environment, task: TaskSpec, settings: Settings) -> None:
    """Find out before a run is made whether its designer can be asked and a person's metric can be used.

    Raises:
        UsageError: the metric is refused, a price is not known, or a key is missing.
        IsolationError: the sandbox is below the required tier.
    """
    choice = choose(settings.llm, model_environment())
    make_designer(choice, settings.llm, model_environment(), Path(settings.runs))
    check_price_is_known(choice, settings.budget)
    if settings.design.shaping_only and task.metric is None:
        raise UsageError(
            f"{environment.pack.name}: shaping needs a task reward to shape, and no metric was given.",
            "--metric FILE|EXPR",
        )
    own_metric = task.metric is not None and task.metric.origin != "task"
    if own_metric or settings.require_isolation != "basic":
        with Sandbox(settings.require_isolation) as sandbox:
            if own_metric:
                compile_metric(environment, task, sandbox)


@contextmanager
def open_session(run: Run, environment: Environment, on_event: OnEvent, settings: Settings) -> Iterator[Session]:
    """A session on a run that is open for writing; its processes end with it.

    Raises:
        UsageError: the metric is refused; the message holds its findings.
        ModelError: the designer cannot be reached or used.
        IsolationError: the sandbox is below the required tier.
    """
    with (
        Sandbox(settings.require_isolation) as sandbox,
        TrainerWorker() as worker,
        Clips(run, on_event, settings.design.clips) as clips,
    ):
        task = run.task
        worker.prepare(_shape_of_generations(environment, task, settings))
        llm = _as_started(run, settings.llm)
        choice = choose(llm, model_environment())
        run.once(STARTED, "", Started, lambda: Started(designer=choice.name, base_url=choice.base_url))
        metric = None
        if task.metric is not None:
            metric = run.once(METRIC, "", CompiledMetric, lambda: _compiled(environment, task, sandbox))
        extended = [event.record(Extended).generations for event in run.events(EXTENDED)]
        yield Session(
            run=run,
            settings=settings,
            task=task,
            env=environment.spec,
            env_path=environment.path,
            human=human_reward(environment.pack, task.name),
            transitions=environment.transitions,
            metric=metric,
            designer=make_designer(
                choice, llm, model_environment(), run.path, lambda line: on_event(ProgressEvent(stage=line))
            ),
            sandbox=sandbox,
            worker=worker,
            clips=clips,
            on_event=on_event,
            designer_message=choice.line,
            generations=max([settings.design.generations, *extended]),
        )


def _shape_of_generations(environment: Environment, task: TaskSpec, settings: Settings) -> TrainingJob:
    """A job of the shape that every generation of a search has, for the trainer to compile while others work."""
    design = settings.design
    return TrainingJob(
        id="shape",
        env=environment.spec.name,
        env_path=environment.path,
        task=task.name,
        members=(),
        rewards={},
        metric=None,
        n_timesteps=design.n_timesteps,
        seed=design.seed,
        population_size=design.candidates * design.seeds,
        ppo=settings.ppo,
    )


def check_price_is_known(choice: Choice, budget: BudgetSettings) -> None:
    """A budget in dollars means nothing where the price is unknown, unless tokens are limited too.

    Raises:
        UsageError: there is a cost budget, no token budget, and no known price.
    """
    limited = budget.max_cost is not None and budget.max_tokens is None
    if limited and choice.may_cost and cost_of(choice.name, 1_000_000, 1_000_000) is None:
        raise UsageError(
            f"The price of {choice.name} is unknown, so --max-cost {budget.max_cost:g} cannot be kept.",
            "Give --max-tokens as well.",
        )


def continued_settings(run: Run, now: Settings) -> Settings:
    """The settings a run was started with, under the budgets and the ways to the model of today."""
    before = run.settings
    llm = before.llm.model_copy(update={"base_url": now.llm.base_url or before.llm.base_url})
    changed = {name: value for name, value in now.budget if value is not None}
    required = max(before.require_isolation, now.require_isolation, key=TIERS.index)  # never lowered silently
    budget = before.budget.model_copy(update=changed)
    return before.model_copy(update={"budget": budget, "llm": llm, "require_isolation": required})


def extend(run: Run, note: str, candidate: str | None) -> None:
    """Store a person's note, and that the search shall have one more generation."""
    run.add_note(read_note(note), candidate)
    done = len(list(run.events(GENERATION)))
    run.append(EXTENDED, str(done), Extended(generations=done + 1))


def _as_started(run: Run, llm: ModelSettings) -> ModelSettings:
    """The designer is chosen once for a whole run."""
    started = run.get(STARTED, "", Started)
    if started is None:
        return llm
    return llm.model_copy(update={"model": started.designer, "base_url": llm.base_url or started.base_url})


def _or_list(names: list[str]) -> str:
    return " or ".join(names) if names else "(this environment has none)"


def _example_metric(environment: Environment) -> str:
    """A metric over a field of this environment, as a person would type it."""
    field = next((field for field in environment.spec.fields if field.unit == "m/s"), environment.spec.fields[0])
    entry = "[..., 0]" if field.shape else ""
    return f"'mean({field.name}{entry})'"


def _compiled(environment: Environment, task: TaskSpec, sandbox: Sandbox) -> CompiledMetric:
    compiled = compile_metric(environment, task, sandbox)
    assert compiled is not None  # the task has a metric
    return compiled
