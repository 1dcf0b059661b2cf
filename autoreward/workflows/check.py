"""`check`: the critic's verdict on reward files, without training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autoreward.critic import check
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward
from autoreward.errors import UsageError
from autoreward.export.source import read_reward_file
from autoreward.records import Tier, Verdict
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.final_evaluation import HUMAN
from autoreward.views import CheckLine


def check_files(files: Sequence[str], environment: Environment, required: Tier) -> list[CheckLine]:
    """The critic's verdict on each file.

    Raises:
        UsageError: a file cannot be read.
        IsolationError: the sandbox is below the required tier.
    """
    sources = [(file, read_reward_file(file)) for file in files]
    return [check_line(verdict) for verdict in check_sources(sources, environment, required)]


def check_sources(sources: Sequence[tuple[str, str]], environment: Environment, required: Tier) -> list[Verdict]:
    """The critic's verdict on each (name, text), in a sandbox of its own."""
    with Sandbox(required) as sandbox:
        return check(sources, environment.spec, environment.transitions, sandbox)


def is_human(name: str) -> bool:
    """Whether a name stands for the human-written reward of the task, not for a file."""
    return name == HUMAN and not Path(name).exists()


def read_source(name: str, environment: Environment, task: str | None) -> str:
    """The text of a reward file, or with `human` of the task's human-written reward.

    Raises:
        UsageError: the file cannot be read, or the task has no human-written reward.
    """
    if not is_human(name):
        return read_reward_file(name)
    source = human_reward(environment.pack, task)
    if source is None:
        raise UsageError(
            f"{environment.spec.name}/{task}: there is no human-written reward for it.", "Give a reward file."
        )
    return source


def check_line(verdict: Verdict) -> CheckLine:
    """A verdict as `check` prints it."""
    return CheckLine(
        file=verdict.candidate,
        status=verdict.status,
        tier=verdict.tier,
        findings=verdict.findings,
        seconds=round(verdict.seconds, 3),
    )
