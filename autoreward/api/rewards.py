"""Rewards without a search: checked, trained, compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autoreward.api.arguments import OnEvent, chosen_settings, ignore_event
from autoreward.config import Settings
from autoreward.views import CheckLine, CompareReport, TrainView


def check(
    files: Sequence[str],
    env: str,
    task: str | None = None,
    *,
    properties: str | Path | None = None,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
) -> list[CheckLine]:
    """Check reward files without training: static rules, then a probe in a sandbox.

    Args:
        files: reward files, `RUN:CANDIDATE`, or `human` of the task.
        task: a task of the environment; its horizon and termination hold for the probe.
        properties: a file of pairs; a reward must pay the better side of each more. Of a task, a pair is left out
            whose worse side its metric puts first.
        on_event: told which pairs are used, and which are left out and why.

    Raises:
        UsageError: a file cannot be read.
        IsolationError: this machine gives less than the isolation that the settings require.
    """
    from autoreward.critic.property_files import read_properties
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.workflows.check import check_files

    chosen = chosen_settings(settings, {})
    name, task = split_environment(env, task)
    environment = open_environment(name, task)
    pairs = read_properties(properties, environment.spec.name) if properties is not None else ()
    runs, tell = Path(chosen.runs), on_event or ignore_event
    return check_files(files, environment, chosen.require_isolation, task, runs, pairs, tell)


def train(
    files: Sequence[str],
    env: str,
    task: str | None = None,
    metric: str | None = None,
    *,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    **overrides: Any,
) -> TrainView:
    """Train policies against reward files, all in one population.

    Args:
        files: reward files, `RUN:CANDIDATE`; `human` and `sparse` name the task's baselines.
        overrides: `seeds=3, require=["torso_pitch <= 0.3 in 95 %"]` and every other setting by name.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.workflows.train import train_files

    name, task = split_environment(env, task)
    return train_files(
        files,
        open_environment(name, task),
        task,
        metric,
        chosen_settings(settings, overrides),
        on_event or ignore_event,
    )


def compare(
    rewards: Sequence[str],
    env: str | None = None,
    task: str | None = None,
    metric: str | None = None,
    *,
    training: bool = True,
    picture: str | Path | None = None,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    **overrides: Any,
) -> CompareReport:
    """How far rewards are apart: STARC distance, rank agreement of trajectories, and training on the same seeds.

    Args:
        rewards: at least two of: a reward file, `RUN:CANDIDATE`, a run (its best candidate), `human` (of the task).
        env: environment, or ENV/TASK; by default that of the runs.
        task: a task of the environment; by default that of the runs.
        metric: success metric: a file, or an expression over trajectory fields.
        training: train them all on the same seeds; otherwise nothing is trained.
        picture: where to draw it, ".png" or ".svg".
        overrides: `seeds=3, n_timesteps=300_000` and every other setting by name.

    Raises:
        UsageError: fewer than two rewards, runs of different environments, or no success metric to train with.
        IsolationError: this machine gives less than the isolation that the settings require.
        NoValidCandidateError: the critic refused a reward.
    """
    from autoreward.workflows.compare import compare_rewards
    from autoreward.workflows.contestants import Question

    question = Question(tuple(rewards), env, task, metric, training, Path(picture) if picture else None)
    return compare_rewards(question, chosen_settings(settings, overrides), on_event or ignore_event)


def guide() -> str:
    """The reward contract with its allow-list, on one page."""
    from autoreward.reward.language.grammar import guide as contract_guide

    return contract_guide()
