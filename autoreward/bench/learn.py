"""`autoreward bench learn`: does our trainer learn? Our PPO beside stable-baselines3 PPO at equal environment steps.

Both sides get the human-written reward of a task and the same number of steps a seed, and are measured by the task's
own metric in evaluation episodes under the deterministic policy. The stable-baselines3 side takes hours; its numbers
are stored (baselines.py) with the versions that made them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autoreward.bench import baselines
from autoreward.bench.baselines import SUBJECTS
from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import load_task
from autoreward.errors import EnvironmentFailedError, UnknownNameError
from autoreward.intervals import interval
from autoreward.search.final_evaluation import HUMAN
from autoreward.views import LearnRow, LearnView, TrainView
from autoreward.workflows.train import train_files

OnEvent = Callable[[Any], None]


def learn(
    env: str, seeds: int, n_timesteps: int, fresh_baseline: bool, settings: Settings, on_event: OnEvent
) -> LearnView:
    """Train our side, and put it beside the stored or freshly trained baseline.

    Args:
        env: one of `baselines.SUBJECTS`.
        seeds: of our side, from 0 on.
        n_timesteps: environment steps a seed, on both sides.
        fresh_baseline: train stable-baselines3 again and store its numbers.

    Raises:
        UnknownNameError: the environment is not one of those that are compared.
        EnvironmentFailedError: a baseline training failed, none is stored, or the stored one has another number of
            steps.
    """
    if env not in SUBJECTS:
        raise UnknownNameError("environment to compare in", env, SUBJECTS)
    subject = SUBJECTS[env]
    if fresh_baseline:
        records = baselines.train_fresh(subject, n_timesteps, on_event)
    else:
        records = baselines.stored(subject, n_timesteps)
    design = settings.design.model_copy(update={"seeds": seeds, "n_timesteps": n_timesteps})
    environment = open_environment(env, subject.task)
    ours = settings.model_copy(update={"design": design})
    trained = train_files([HUMAN], environment, subject.task, None, ours, on_event)
    rows = [
        _our_row(trained, seeds, n_timesteps, design.evaluation_episodes),
        *baselines.rows(subject, records),
    ]
    metric = load_task(environment.pack, subject.task).metric
    return LearnView(
        env=env,
        task=subject.task,
        unit=metric.unit if metric else "1",
        rows=tuple(rows),
        passed=rows[0].fitness.mean >= max(row.fitness.mean for row in rows[1:]),
    )


def _our_row(trained: TrainView, seeds: int, n_timesteps: int, episodes: int) -> LearnRow:
    measured = [line.success for line in trained.lines if line.seed is not None and line.seed < seeds]
    successes = [success for success in measured if success is not None]
    fitness = interval(successes, len(successes) * episodes)
    if fitness is None or len(successes) < seeds:
        raise EnvironmentFailedError(f"Only {len(successes)} of {seeds} members of our side were trained.")
    return LearnRow(
        trainer="autoreward population PPO, defaults", fitness=fitness, env_steps=n_timesteps,
        seconds=trained.totals.seconds,
    )  # fmt: skip
