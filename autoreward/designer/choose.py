"""From settings to a designer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autoreward.config import ModelSettings
from autoreward.designer.compose.compose import Compose
from autoreward.designer.designer import Designer
from autoreward.designer.llm import LLMDesigner
from autoreward.designer.manual import Manual
from autoreward.llm.resolve import MANUAL, Choice, open_model
from autoreward.llm.retry import RetryPolicy
from autoreward.process_environment import ModelEnvironment


def make_designer(
    choice: Choice,
    settings: ModelSettings,
    environment: ModelEnvironment,
    folder: Path,
    notify: Callable[[str], None] | None = None,
) -> Designer:
    """The designer that `llm.resolve.choose` chose.

    Args:
        choice: its result.
        settings: timeouts, temperature, the outage budget.
        environment: where the key is.
        folder: of the run, where a person finds the questions and leaves the answers.
        notify: gets a line before each wait for a failing server.

    Raises:
        ConfigError: the model needs a key and there is none.
    """
    if choice.name == MANUAL:
        return Manual(folder)
    if not choice.is_llm:
        return Compose()
    retries = RetryPolicy(settings.outage_budget, notify=notify)
    return LLMDesigner(open_model(choice, settings, environment, retries))
