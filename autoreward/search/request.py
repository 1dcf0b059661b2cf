"""What a person asked for: a task with its success metric, and what is found out before a run is made of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autoreward.config import Settings
from autoreward.critic import check, check_metric, metric_from_expression
from autoreward.critic.expression import spelled_out, subtask_of
from autoreward.critic.requirements import compile_requirements
from autoreward.designer.choose import make_designer
from autoreward.designer.compose.suggestion import suggest_metric
from autoreward.designer.metric_drafts import read_head, read_subtasks
from autoreward.designer.prompts import templates_digest
from autoreward.environment.environment import Environment
from autoreward.environment.task import load_task, task_names
from autoreward.environment.task_file import example_metric
from autoreward.errors import NoValidCandidateError, UsageError
from autoreward.export.source import read_reward_file
from autoreward.input_files import read_text
from autoreward.llm.resolve import MANUAL, Choice, choose
from autoreward.process_environment import known_secrets, model_environment
from autoreward.records import CompiledMetric, MetricSpec, TaskSpec
from autoreward.redaction import redacted
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.budget import check_price_is_known
from autoreward.trainer.algorithms import require_algo
from autoreward.trainer.graphics import require_gpu
from autoreward.versions import installed_versions
from autoreward.views import NoteEvent


def make_task(
    environment: Environment, text: str | None, task: str | None, metric: str | None, words: bool = False
) -> TaskSpec:
    """The task a person asked for. A text without a task never borrows a task's metric.

    Args:
        words: a text alone is enough, because there is somebody who can find the metric in it.

    Raises:
        UsageError: there is a text but no metric and no `words`, or neither text nor task.
        UnknownNameError: the pack has no such task.
    """
    named = load_task(environment.pack, task) if task is not None else None
    if named is None and text is None:
        raise UsageError(
            f"{environment.pack.name}: neither a text nor a task was given.",
            f"--task {_or_list(task_names(environment.pack))}",
        )
    if named is None and words and not (text or "").strip():
        raise UsageError("The text is empty: it does not say what the robot should do.", "Say it in a sentence.")
    given = read_metric(environment, metric) if metric is not None else None
    if named is None and given is None and not text:  # `train` has reward files, and no text
        raise UsageError(
            "Training needs a success metric, and neither a task nor a metric was given.",
            f"Name a task (--task {_or_list(task_names(environment.pack))}), or give a metric "
            f"({_example_metric(environment)}).",
        )
    if named is None and given is None and not words:
        raise UsageError(
            "A text alone does not say how success is measured, and no task's metric is borrowed for it.",
            f"Name a task (--task {_or_list(task_names(environment.pack))}), give a metric "
            f"({_example_metric(environment, text)}), a language model that finds one in the text (--model), "
            "or let people choose (--select people).",
        )
    return TaskSpec(
        env=environment.pack.name,
        env_path=environment.path,
        name=task,
        text=redacted(text or (named.text if named else ""), known_secrets()),
        metric=given or (named.metric if named else None),
    )


def read_metric(environment: Environment, metric: str) -> MetricSpec:
    """A metric given as a file, or as an expression over trajectory fields.

    A file may say in comments what `metric` writes there: `# Success:`, `# unit:`, `# reference:`, `# subtask:`.
    """
    path = Path(metric).expanduser()
    if path.suffix == ".py":
        code = read_text(path)
        comments = "\n".join(line for line in code.splitlines() if line.startswith("#"))
        meaning, unit, reference = read_head(comments if "# Success:" in comments else "")
        meaning = meaning or f"as {path.name} measures it"
        parts = [subtask_of(name, expression, environment.measured) for name, expression in read_subtasks(comments)]
        return MetricSpec(
            origin="file", code=code, meaning=meaning, unit=unit, reference=reference, subtasks=tuple(parts)
        )
    meaning, expression = spelled_out(metric, environment.measured)
    code = metric_from_expression(expression, environment.measured)
    return MetricSpec(origin="expression", code=code, meaning=meaning)


def compile_metric(
    environment: Environment, task: TaskSpec, sandbox: Sandbox, on_event: Callable[[Any], None] | None = None
) -> CompiledMetric | None:
    """The task's metric as the trainer runs it; what is doubtful about a person's metric is told to `on_event`."""
    if task.metric is None:
        return None

    def tell(text: str) -> None:
        if on_event is not None and task.metric is not None and task.metric.origin != "task":
            on_event(NoteEvent(text=f"metric: {text}"))

    return check_metric(task.metric.code, environment.measured, environment.spec.horizon, sandbox, tell)


def check_request(environment: Environment, task: TaskSpec, settings: Settings) -> None:
    """Find out before a run is made whether its designer can be asked, its device is there, its metric can be used.

    Raises:
        EnvironmentFailedError: a GPU is asked for, and there is none.
        UsageError: the metric is refused, a price is not known, or a key is missing.
        IsolationError: the sandbox is below the required tier.
    """
    choice = choose(settings.llm, model_environment())
    make_designer(choice, settings.llm, model_environment(), Path(settings.runs))
    check_price_is_known(choice, settings.budget)
    require_gpu(settings.device)
    require_algo(settings.design.algo, environment)
    if settings.design.race and settings.design.select != "metric":
        raise UsageError("--race is a race of success, and people are to choose.", "Leave one of the two out.")
    if settings.design.synthetic_preferences and (settings.design.select == "metric" or task.metric is None):
        raise UsageError(
            "--synthetic-preferences lets a success metric answer in the place of people.",
            "Choose by them, --select people, and name a metric: --task or --metric.",
        )
    if settings.design.method == "revolve" and (settings.llm.ask == "generation" or choice.name == MANUAL):
        raise UsageError(
            "Every candidate of --method revolve has parents of its own, and one request is to ask for all of them.",
            "Leave --ask generation or --model manual out, or take another method.",
        )
    if settings.design.shaping_only and task.metric is None and not choice.is_llm:
        raise UsageError(
            f"{environment.pack.name}: shaping needs a task reward to shape, and no metric was given.",
            "--metric FILE|EXPR",
        )
    _check_requirements(environment, task, settings)
    judge = check_readers(settings)
    if judge is not None:
        check_price_is_known(judge, settings.budget)
    own_metric = task.metric is not None and task.metric.origin != "task"
    if own_metric or settings.require_isolation != "basic":
        with Sandbox(settings.require_isolation) as sandbox:
            if own_metric:
                compile_metric(environment, task, sandbox)
                for subtask in task.metric.subtasks if task.metric else ():
                    check_metric(subtask.code, environment.measured, environment.spec.horizon, sandbox)


def _check_requirements(environment: Environment, task: TaskSpec, settings: Settings) -> None:
    """Find out whether what is required can be measured.

    Raises:
        UsageError: a text is no requirement, or nothing says what progress is.
    """
    texts = settings.design.require
    if not texts:
        return
    if task.metric is None and settings.design.select == "people":
        raise UsageError(
            "--require keeps the policy with the most progress that keeps to it, and no metric says what progress is.",
            "Name one with --metric, or a task.",
        )
    with Sandbox(settings.require_isolation) as sandbox:
        compile_requirements(texts, environment.spec, sandbox)


def check_readers(settings: Settings) -> Choice | None:
    """The model that looks at clips, if one shall; all that are to read have to be language models.

    Raises:
        UsageError: one of them is none.
    """
    choice, named = choose(settings.llm, model_environment()), settings.llm.judge
    if not choice.is_llm and "llm" in (settings.design.critic, settings.design.analyst):
        raise UsageError(
            f"The designer {choice.name} is no language model that could read programs or tables.",
            "Name one with --model, or leave --critic llm and --analyst llm out.",
        )
    if named is None:
        return None
    judge = choose(settings.llm.model_copy(update={"model": named}), model_environment()) if named.strip() else None
    if judge is None or not judge.is_llm:
        raise UsageError(
            f"--judge {named or repr(named)}: it is no language model.", "Name one that reads images, or leave it out."
        )
    return judge


def read_seed_reward(file: str, environment: Environment, settings: Settings) -> str:
    """The text of a person's reward that a search starts from, once the critic has accepted it.

    Raises:
        UsageError: the file cannot be read.
        IsolationError: the sandbox is below the required tier.
        NoValidCandidateError: the critic refuses it; the message has every finding.
    """
    source = redacted(read_reward_file(file), known_secrets())
    shaping_only = settings.design.shaping_only
    with Sandbox(settings.require_isolation) as sandbox:
        (verdict,) = check([(file, source)], environment.spec, environment.transitions, sandbox, shaping_only)
    if verdict.status == "accepted":
        return source
    errors = [finding for finding in verdict.findings if finding.severity == "error"]
    name = environment.path or environment.pack.name
    reasons = "".join(f"\n{one.in_words('    ')}" for one in errors)
    raise NoValidCandidateError(
        f"{file} cannot be the start of a search, it is {verdict.status}:{reasons}",
        f"Mend it, and look again: autoreward check {shlex.quote(file)} --env {shlex.quote(name)}",
    )


def run_versions() -> dict[str, str]:
    """What a run is made with."""
    return {"prompts": templates_digest(), **installed_versions()}


def _or_list(names: list[str]) -> str:
    return " or ".join(names) if names else "(this environment has none)"


def finds_metric(settings: Settings) -> bool:
    """Whether a text alone is enough: the designer can find a success metric in it, or people choose without one."""
    return settings.design.select == "people" or choose(settings.llm, model_environment()).is_llm


def needs_metric(task: TaskSpec, choice: Choice, settings: Settings) -> bool:
    """Whether a search begins with finding the metric of its task in the text."""
    return task.metric is None and choice.is_llm and settings.design.select != "people"


def _example_metric(environment: Environment, text: str | None = None) -> str:
    """A metric over fields of this environment, as a person would type it; for the text where its words say what."""
    suggested = suggest_metric(text, environment.spec) if text else None
    if suggested is not None:
        return f"--metric '{suggested}', guessed from single words of the text"
    own = "--metric env:return, its own reward; or " if environment.hidden else ""
    return f"{own}--metric '{example_metric(environment.spec)}', an example of the form: say there what you mean"
