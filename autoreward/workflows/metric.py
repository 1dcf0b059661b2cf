"""`metric`: a success metric for a text, as a file, without a search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from autoreward.config import Settings
from autoreward.designer.choose import make_designer
from autoreward.designer.designer import Designer
from autoreward.environment.environment import Environment
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_output_file, output_errors
from autoreward.llm.resolve import choose
from autoreward.llm.usage import worst_case
from autoreward.people.reviewer import MetricReviewer
from autoreward.plain_text import success_words
from autoreward.process_environment import known_secrets, model_environment
from autoreward.records import Completion, DraftVerdict, MetricBrief, MetricSpec, Prompt, Spent, Usage
from autoreward.redaction import redacted
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.budget import check_call_fits, total_usage
from autoreward.search.metric_choice import Agreement, questions_prompts
from autoreward.search.metric_clips import FilmBeside
from autoreward.search.metric_drafts import REPAIRS, Drafting, metric_prompts
from autoreward.search.metric_revision import drafts_of_revision, reviser, revision_brief
from autoreward.views import DryRunPrompt, EpisodeView, MetricEvent, MetricPromptsView, MetricView

R = TypeVar("R", bound=BaseModel)


def write_metric(
    text: str,
    environment: Environment,
    settings: Settings,
    file: Path,
    on_event: Callable[[Any], None] = lambda event: None,
    reviewer: MetricReviewer | None = None,
) -> MetricView:
    """Agree on a metric with a language model and a person, and write it to a file that `--metric` takes.

    Args:
        on_event: gets each proposal and what has to be said.
        reviewer: the person; without one the likeliest answers and the proposal are taken, and no clips are drawn.

    Raises:
        UsageError: the designer is no language model, the file exists, or no draft can be used.
        BudgetReachedError: the calls do not fit into the budget.
        ModelError: the language model cannot be reached.
    """
    check_output_file(file, suffixes=(".py",))
    if not text.strip():
        raise UsageError("The text is empty: it does not say what the robot should do.", "Say it in a sentence.")
    choice = choose(settings.llm, model_environment())
    if not choice.is_llm:
        raise UsageError(
            f"The designer {choice.name} cannot find a metric in a text.", "Name a language model with --model."
        )
    asker = DirectAsker(make_designer(choice, settings.llm, model_environment(), Path(settings.runs)), settings)
    proposed: list[MetricEvent] = []

    def tell(event: Any) -> None:
        if isinstance(event, MetricEvent):
            proposed.append(event)
        on_event(event)

    asked, design = redacted(text, known_secrets()), settings.design
    with Sandbox(settings.require_isolation) as sandbox:
        drafting = Drafting(environment, sandbox, asker)
        film = FilmBeside(file, drafting, tell) if reviewer and design.clips else _no_clips
        agreement = Agreement(drafting, design.metric_drafts, design.metric_questions, reviewer, tell, film)
        metric = agreement.reach(MetricBrief(text=asked, env=environment.spec))
    with output_errors(file):
        write_atomic(file, file_text(metric))
    shown = proposed[-1].model_copy(update={"code": metric.code}).model_dump(exclude={"event"})
    return MetricView(**shown, file=str(file), usage=total_usage(asker.answered))


def prompts_for_text(text: str, environment: Environment, settings: Settings) -> MetricPromptsView:
    """The prompts that ask for drafts of a metric, without asking."""
    design, asked = settings.design, redacted(text, known_secrets())
    prompts = metric_prompts(MetricBrief(text=asked, env=environment.spec), design.metric_drafts)
    questions = questions_prompts(asked, settings)
    return _as_view([*prompts, *questions], settings, drafts=len(prompts))


def prompts_for_revision(run: Run, wrong: str, environment: Environment, settings: Settings) -> MetricPromptsView:
    """The prompts that ask for a revision of a run's metric, without asking.

    Raises:
        UsageError: no language model is there, or the run has no metric.
    """
    if run.task.metric is None:
        raise UsageError(f"{run.id}: there is no metric yet that could be revised.", "Go on with: autoreward resume")
    llm = reviser(run, settings)
    brief = revision_brief(run, environment.spec, wrong)
    prompts = metric_prompts(brief, drafts_of_revision(run.settings), 0, run.metric_version + 1)
    return _as_view(prompts, settings.model_copy(update={"llm": llm}))


def _as_view(prompts: Sequence[Prompt], settings: Settings, drafts: int | None = None) -> MetricPromptsView:
    """What is asked: drafts, each sent back once at most, and behind them what may be asked once."""
    count = len(prompts) if drafts is None else drafts
    return MetricPromptsView(
        designer=choose(settings.llm, model_environment()).name,
        prompts=tuple(DryRunPrompt(id=one.id, messages=one.messages) for one in prompts),
        calls=(count, (1 + REPAIRS) * count + len(prompts) - count),
    )


def _no_clips(verdict: DraftVerdict) -> tuple[EpisodeView, ...]:
    return ()


class DirectAsker:
    """Asks a language model and keeps nothing but what it said; see `repairing.Asker`."""

    def __init__(self, designer: Designer, settings: Settings) -> None:
        self._designer, self._settings = designer, settings
        self.answered: list[Completion] = []

    def once(self, kind: str, key: str, model: type[R], compute: Callable[[], R]) -> R:
        """A new result."""
        return compute()

    def keep(self, key: str, write: Callable[[], Sequence[Prompt]]) -> tuple[Prompt, ...]:
        """New prompts."""
        return tuple(write())

    def answer(self, prompts: Sequence[Prompt]) -> Mapping[str, Completion]:
        """One completion a prompt, by its id.

        Raises:
            BudgetReachedError: they do not fit into the budget.
            ModelError: the language model cannot be reached.
        """
        llm = self._settings.llm
        worst = (worst_case(self._designer.name, one.messages, llm.max_output_tokens) for one in prompts)
        spent = Spent(usage=total_usage(self.answered))
        check_call_fits(spent, reduce(Usage.plus, worst), self._settings.budget)
        with ThreadPoolExecutor(min(llm.parallel_requests, len(prompts))) as pool:
            completions = list(pool.map(self._designer.complete, prompts))
        self.answered.extend(completions)
        return {prompt.id: one for prompt, one in zip(prompts, completions, strict=True)}

    def as_asked(self, prompt: Prompt) -> Prompt:
        """The prompt itself."""
        return prompt


def file_text(metric: MetricSpec) -> str:
    """A metric as a file: what counts, as comments above the program."""
    reference = "" if metric.reference is None else f"{metric.reference:g}"
    meaning = success_words(metric.meaning)
    head = (f"# Success: {meaning}", f"# unit: {metric.unit}", f"# reference: {reference}")
    parts = (f"# subtask: {one.name} = {one.expression}" for one in metric.subtasks if one.expression)
    return "\n".join((*head, *parts)) + "\n\n" + metric.code
