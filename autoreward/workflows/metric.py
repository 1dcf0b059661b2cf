"""`metric`: a success metric for a text, as a file, without a search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from pathlib import Path

from autoreward.config import Settings
from autoreward.designer.choose import make_designer
from autoreward.environment.environment import Environment
from autoreward.errors import UsageError
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_output_file, output_errors
from autoreward.llm.resolve import choose
from autoreward.llm.usage import worst_case
from autoreward.process_environment import known_secrets, model_environment
from autoreward.records import Completion, MetricSpec, Prompt, Spent, Usage
from autoreward.redaction import redacted
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.budget import check_call_fits, total_usage
from autoreward.search.events import PromptSet
from autoreward.search.metric_choice import Drafting, proposed_draft
from autoreward.views import MetricView
from autoreward.views.metric import metric_event


def write_metric(text: str, environment: Environment, settings: Settings, file: Path) -> MetricView:
    """Ask a language model for drafts, propose one, and write it to a file that `--metric` takes.

    Raises:
        UsageError: the designer is no language model, the file exists, or no draft can be used.
        BudgetReachedError: the calls do not fit into the budget.
        ModelError: the language model cannot be reached.
    """
    check_output_file(file, suffixes=(".py",))
    choice = choose(settings.llm, model_environment())
    if not choice.is_llm:
        raise UsageError(
            f"The designer {choice.name} cannot find a metric in a text.", "Name a language model with --model."
        )
    designer = make_designer(choice, settings.llm, model_environment(), Path(settings.runs))
    answered: list[Completion] = []

    def ask(key: str, write: Callable[[], PromptSet]) -> tuple[Sequence[Prompt], Mapping[str, Completion]]:
        prompts = write().prompts
        limit = settings.llm.max_output_tokens
        worst = reduce(Usage.plus, (worst_case(choice.name, one.messages, limit) for one in prompts))
        check_call_fits(Spent(usage=total_usage(answered)), worst, settings.budget)
        with ThreadPoolExecutor(min(settings.llm.parallel_requests, len(prompts))) as pool:
            completions = list(pool.map(designer.complete, prompts))
        answered.extend(completions)
        return prompts, {prompt.id: one for prompt, one in zip(prompts, completions, strict=True)}

    asked = redacted(text, known_secrets())
    with Sandbox(settings.require_isolation) as sandbox:
        proposal = Drafting(asked, environment, sandbox, settings.design.metric_drafts, ask).propose()
    draft = proposed_draft(proposal)
    with output_errors(file):
        write_atomic(file, file_text(draft.as_metric()))
    event = metric_event(proposal, draft)
    shown = event.model_dump(exclude={"event"})
    return MetricView(**shown, file=str(file), usage=total_usage(answered))


def file_text(metric: MetricSpec) -> str:
    """A metric as a file: what counts, as comments above the program."""
    reference = "" if metric.reference is None else f"{metric.reference:g}"
    meaning = metric.meaning.removeprefix("Success is ")
    head = (f"# Success: {meaning}", f"# unit: {metric.unit}", f"# reference: {reference}")
    return "\n".join(head) + "\n\n" + metric.code
