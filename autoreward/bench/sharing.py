"""`autoreward bench share`: rewards that learn from one buffer a seed, beside the same with a buffer each.

Both arms train the same rewards under the same seeds with the same number of environment steps and of gradient steps a
member. With `--share-experience` every member learns from the steps of all, each paid by its own reward; else from its
own alone. The difference is paired: of one reward and one seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.intervals import compare_paired, interval
from autoreward.records import Fitness
from autoreward.views import SharingRow, SharingView, TrainView
from autoreward.workflows.train import train_files

OnEvent = Callable[[Any], None]


def bench_share(
    files: Sequence[str], environment: Environment, task: str | None, metric: str | None, settings: Settings,
    on_event: OnEvent,
) -> SharingView:  # fmt: skip
    """Train reward files with a buffer each, then with one a seed, and compare.

    Raises:
        UsageError: the algorithm has no buffer, or cannot act here.
    """
    arms = [
        train_files(files, environment, task, metric, _with_sharing(settings, shared), on_event)
        for shared in (False, True)
    ]
    separate, shared = (_by_reward(view) for view in arms)
    design = settings.design
    rows = [_row(name, separate.get(name, {}), shared.get(name, {}), design.evaluation_episodes) for name in files]
    means = [_over_rewards(arm, design.seeds) for arm in (separate, shared)]
    return SharingView(
        env=environment.spec.name,
        algo=design.algo,
        seeds=design.seeds,
        n_timesteps=design.n_timesteps,
        rows=tuple(rows),
        separate=_fitness(means[0], design.evaluation_episodes * len(files)),
        shared=_fitness(means[1], design.evaluation_episodes * len(files)),
        difference=compare_paired(means[1], means[0], design.evaluation_episodes * len(files)),
        seconds=tuple(round(view.totals.seconds, 1) for view in arms),
    )


def _with_sharing(settings: Settings, shared: bool) -> Settings:
    design = settings.design.model_dump() | {"share_experience": shared}
    return settings.model_copy(update={"design": type(settings.design).model_validate(design)})


def _by_reward(view: TrainView) -> dict[str, dict[int, float]]:
    """Success by reward and seed."""
    found: dict[str, dict[int, float]] = {}
    for line in view.lines:
        if line.status == "trained" and line.seed is not None and line.success is not None:
            found.setdefault(line.file, {})[line.seed] = line.success
    return found


def _over_rewards(arm: Mapping[str, Mapping[int, float]], seeds: int) -> dict[int, float]:
    """The mean over rewards of each seed under which all were trained."""
    whole = [seed for seed in range(seeds) if arm and all(seed in own for own in arm.values())]
    return {seed: sum(own[seed] for own in arm.values()) / len(arm) for seed in whole}


def _row(name: str, separate: Mapping[int, float], shared: Mapping[int, float], episodes: int) -> SharingRow:
    return SharingRow(
        reward=name,
        separate=_fitness(separate, episodes),
        shared=_fitness(shared, episodes),
        difference=compare_paired(shared, separate, episodes),
    )


def _fitness(by_seed: Mapping[int, float], episodes: int) -> Fitness | None:
    return interval(list(by_seed.values()), episodes * len(by_seed))
