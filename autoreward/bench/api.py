"""The measurements as functions: `autoreward bench` calls these, and nothing below them.

Each function imports what it measures when it is called: the others need not be installed, nor be loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autoreward.bench.train import Plan
from autoreward.config import Settings
from autoreward.views import (
    AlignedView,
    BankView,
    ChoicesView,
    CombineView,
    FieldsBenchView,
    HalvingView,
    IcplView,
    LearnView,
    MetricsBenchView,
    PopulationBenchView,
    RequireView,
    ScreenView,
    SharingView,
    StartBenchView,
    SuiteView,
    TrainBenchView,
)

OnEvent = Callable[[Any], None]
BANK_TASK = "forward"  # whose bank is meant where no task is named


def bench_learn(
    settings: Settings,
    on_event: OnEvent,
    env: str = "half_cheetah",
    *,
    seeds: int = 10,
    n_timesteps: int = 1_000_000,
    fresh_baseline: bool = False,
) -> LearnView:
    """Our PPO with the human-written reward on ENV/forward, beside stable-baselines3 PPO; see `bench.learn`."""
    from autoreward.bench.learn import learn

    return learn(env, seeds, n_timesteps, fresh_baseline, settings, on_event)


def bench_train(settings: Settings, on_event: OnEvent, plan: Plan) -> TrainBenchView:
    """How fast a population learns, beside its limit and stable-baselines3; see `bench.train` and `bench.source`."""
    from autoreward.bench import source, train
    from autoreward.environment.foreign.reference import read_reference

    if read_reference(plan.env) is not None:
        return source.bench_source(plan, settings, on_event)
    return train.bench_train(plan, settings, on_event)


def bench_share(
    files: Sequence[str], env: str, settings: Settings, on_event: OnEvent, *, task: str | None = None,
    metric: str | None = None,
) -> SharingView:  # fmt: skip
    """Rewards that learn off-policy from the steps of all, beside a buffer each; see `bench.sharing`."""
    from autoreward.bench import sharing
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment

    name, task = split_environment(env, task)
    return sharing.bench_share(files, open_environment(name, task), task, metric, settings, on_event)


def bench_population(
    settings: Settings, on_event: OnEvent, *, rounds: int = 3, quick: bool = False
) -> PopulationBenchView:
    """What it costs to divide the same environments among few or many candidates; see `bench.shapes`."""
    from autoreward.bench import shapes

    return shapes.bench_population(rounds, quick, settings, on_event)


def bench_gpu(settings: Settings, write: Callable[[dict[str, Any]], None], env: str | None = None) -> None:
    """How fast populations learn on a GPU; `write` gets each part's result as it comes; see `bench.gpu`."""
    from autoreward.bench.gpu import measure, plan_for

    measure(plan_for(settings.device, (env,) if env else ()), write)


def bench_fields(on_event: OnEvent, env: str, *, rounds: int = 7) -> FieldsBenchView:
    """What the fields of a pack cost in a rollout, unread and all read; see `bench.fields`."""
    from autoreward.bench import fields

    return fields.bench_fields(env, rounds, on_event)


def bench_start(on_event: OnEvent, *, rounds: int = 3) -> StartBenchView:
    """How long from the start of a training to its first update; see `bench.start`."""
    from autoreward.bench import start

    return start.bench_start(rounds, on_event)


def bench_bank(
    settings: Settings,
    on_event: OnEvent,
    env: str,
    *,
    task: str | None = None,
    rewards: Path | None = None,
    folder: Path | None = None,
    limit: int | None = None,
    seeds: int | None = None,
    n_timesteps: int | None = None,
) -> BankView:
    """Train what is missing of the reward bank of a task: many rewards on several seeds, stored as they are done.

    Args:
        env: an environment (`hopper`, `hopper/forward`).
        task: a task of it; `forward` where none is named.
        rewards: a folder of reward files or replies of a model, trained beside human and sparse; by default the
            built-in list of 60 rewards.
        folder: where the bank lies; in the package by default; needed with `rewards`.
        limit: the first rewards only.
        seeds: a reward; 5 by default, whatever the settings say.
        n_timesteps: environment steps a seed; 300,000 by default.

    Raises:
        UsageError: the bank in the folder was begun with other settings, or `rewards` holds no reward.
    """
    from autoreward.bench.bank.training import BankPlace, BankSize, train_bank
    from autoreward.environment.task import split_environment

    name, named = split_environment(env, task)
    size = BankSize.of(seeds, n_timesteps, limit)
    return train_bank(BankPlace(name, named or BANK_TASK, folder, rewards), size, settings, on_event)


def bench_halving(env: str, *, folder: Path | None = None, resamplings: int | None = None) -> HalvingView:
    """Search policies, judged on the reward bank of a task: would successive halving have chosen as well?

    Args:
        env: an environment (`hopper`, `hopper/forward`); the task is `forward` by default.
        folder: where the bank lies; in the package by default.
        resamplings: generations drawn from the bank, at least 200; 1000 by default.

    Raises:
        UsageError: there is no bank, or too little of it is trained.
    """
    from autoreward.bench.bank.replay import RESAMPLINGS, replay
    from autoreward.bench.bank.stored import bank_folder
    from autoreward.environment.task import split_environment

    name, task = split_environment(env, None)
    return replay(folder or bank_folder(name, task or BANK_TASK), resamplings or RESAMPLINGS)


def bench_choices(env: str, *, folders: tuple[Path, ...] = (), resamplings: int | None = None) -> ChoicesView:
    """Rules of choosing among rewards for the same trainings, judged on the reward bank of a task.

    Args:
        env: an environment (`hopper`, `hopper/forward`); the task is `forward` by default.
        folders: where the bank lies, and further seeds of the same rewards; in the package by default.
        resamplings: generations drawn from the bank, at least 200; 1000 by default.

    Raises:
        UsageError: there is no bank, or too little of it is trained.
    """
    from autoreward.bench.bank.choices import RESAMPLINGS, judge_rules
    from autoreward.bench.bank.stored import bank_folder
    from autoreward.environment.task import split_environment

    name, task = split_environment(env, None)
    return judge_rules(folders or (bank_folder(name, task or BANK_TASK),), resamplings or RESAMPLINGS)


def bench_combine(
    settings: Settings,
    on_event: OnEvent,
    env: str,
    *,
    folder: Path,
    seeds: int = 5,
    n_timesteps: int = 300_000,
    ways: tuple[str, ...] = (),
) -> CombineView:
    """What learning the weights of given terms is worth; see `bench.combine`. What `folder` has is not trained again.

    Args:
        ways: of combining; all by default.

    Raises:
        UnknownNameError: an environment or a way that is not compared.
        UsageError: the folder has results of other sizes.
    """
    from autoreward.bench.combine import WAYS, CombineSize, measure_combinations

    size = CombineSize(seeds, n_timesteps, ways or tuple(WAYS))
    return measure_combinations(env, folder, size, settings, on_event)


def bench_aligned(
    settings: Settings, on_event: OnEvent, env: str, *, folder: Path, seeds: int = 5, n_timesteps: int = 100_000
) -> AlignedView:
    """Whether learned weights leave a misleading term aside and use a helpful one; see `bench.aligned`.

    Raises:
        UnknownNameError: an environment without terms for it.
        UsageError: the folder has results of other sizes.
    """
    from autoreward.bench.aligned import measure_aligned

    return measure_aligned(env, folder, _sized(settings, seeds, n_timesteps), on_event)


def bench_require(
    settings: Settings,
    on_event: OnEvent,
    env: str,
    requirements: tuple[str, ...] = (),
    *,
    folder: Path,
    seeds: int = 5,
    n_timesteps: int = 300_000,
) -> RequireView:
    """What keeping to requirements costs the human-written reward; see `bench.requirements`.

    Raises:
        UnknownNameError: nothing is required there by default, and nothing was given.
        UsageError: the folder has results of other sizes.
    """
    from autoreward.bench.requirements import measure_requirements

    return measure_requirements(env, requirements, folder, _sized(settings, seeds, n_timesteps), on_event)


def _sized(settings: Settings, seeds: int, n_timesteps: int) -> Settings:
    design = settings.design.model_copy(update={"seeds": seeds, "n_timesteps": n_timesteps})
    return settings.model_copy(update={"design": design})


def bench_screen(
    settings: Settings, env: str, *, folder: Path | None = None, resamplings: int | None = None
) -> ScreenView:
    """Leaving out rewards before training by what they prefer, judged on the reward bank of a task.

    Args:
        env: an environment (`hopper`, `hopper/forward`); the task is `forward` by default.
        folder: where the bank lies; in the package by default.
        resamplings: generations drawn from the bank, at least 200; 1000 by default.

    Raises:
        UsageError: there is no bank, or too little of it is trained.
    """
    from autoreward.bench.bank.choices import RESAMPLINGS
    from autoreward.bench.bank.screen import judge_screen
    from autoreward.bench.bank.stored import bank_folder
    from autoreward.environment.task import split_environment

    name, task = split_environment(env, None)
    return judge_screen(folder or bank_folder(name, task or BANK_TASK), resamplings or RESAMPLINGS, settings)


def bench_suite(
    settings: Settings,
    on_event: OnEvent,
    *,
    tasks: tuple[str, ...],
    methods: tuple[str, ...],
    restarts: int,
    folder: Path,
    replies: Path | None = None,
) -> SuiteView:
    """Methods of reward design at equal steps and calls, by the mean over restarts; see `bench.suite`.

    Args:
        settings: candidates, generations, seeds and steps of every search, and the seed of the first restart.
        tasks: `hopper/forward`, ...
        methods: of `design --method`, or `tuned`; the others are compared with the first.
        restarts: searches of each method on each task.
        folder: where they lie; the same call goes on where an earlier one ended.
        replies: a folder with recorded replies, `rewards/ENV_TASK/*.md`, that are replayed; by default the embedded
            designer writes.

    Raises:
        UsageError: a method is not known, the folder holds a suite of other settings, or there are too few replies.
    """
    from autoreward.bench.suite import Suite, run_suite

    return run_suite(Suite(tasks, methods, restarts, folder, replies), settings, on_event)


def bench_metrics(
    settings: Settings,
    on_event: OnEvent,
    replies: Path,
    *,
    tasks: tuple[str, ...] = (),
    n_timesteps: int = 0,
    seeds: int = 2,
) -> MetricsBenchView:
    """Judge recorded drafts of success metrics as `design` does, beside the metrics of the packs; see `bench.metrics`.

    Args:
        replies: a folder with `metrics/ENV_TASK/*.md`, and `rewards/ENV_TASK/*.md` for policies.
        tasks: `hopper/forward`, ...; all by default.
        n_timesteps: of each policy, trained on the recorded rewards, over which metrics are compared; 0 trains none.
        seeds: policies a reward.

    Raises:
        UsageError: there are no drafts.
    """
    from autoreward.bench.metrics import bench_metrics

    return bench_metrics(replies, settings, on_event, tasks, n_timesteps, seeds)


def bench_icpl(
    settings: Settings, on_event: OnEvent, envs: tuple[str, ...], folder: Path, *, restarts: int = 3
) -> IcplView:
    """Searches by preferences that the metric gave, beside searches that it leads; see `bench.icpl`.

    Args:
        envs: "half_cheetah", "hopper/forward"; the task is `forward` by default.
        folder: where their runs lie; the same call goes on with those that are there.
        restarts: of each search, with seeds of their own.

    Raises:
        UsageError: a run in the folder was begun with other settings.
    """
    from autoreward.bench.icpl import bench_icpl

    return bench_icpl(envs, restarts, folder, settings, on_event)
