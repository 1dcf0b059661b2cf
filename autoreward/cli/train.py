"""`autoreward train`: given reward files as one population."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from autoreward.cli.environment_options import (
    EnvKwargsOption,
    FieldsOption,
    GymPackagesOption,
    ShowInfoOption,
    with_environment_options,
)
from autoreward.cli.options import (
    AdaptOption,
    AlgoOption,
    CombineModelOption,
    CombineOption,
    EnvOption,
    Globals,
    MetricOption,
    RankOption,
    RequireOption,
    SeedsOption,
    ShareExperienceOption,
    TaskOption,
    TimestepsOption,
)
from autoreward.cli.output import Output
from autoreward.cli.progress import Progress

NO_VALID_CANDIDATE = 3


def train(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Reward files, RUN:CANDIDATE, or the task's baselines: `human`, `sparse` (its progress alone).",
            show_default=False,
        ),
    ],
    env: EnvOption,
    task: TaskOption = None,
    metric: MetricOption = None,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
    combine: CombineOption = None,
    combine_model: CombineModelOption = None,
    rank: RankOption = None,
    adapt: AdaptOption = None,
    require: RequireOption = None,
    algo: AlgoOption = None,
    share_experience: ShareExperienceOption = None,
    env_kwargs: EnvKwargsOption = None,
    gym_packages: GymPackagesOption = None,
    fields: FieldsOption = None,
    show_info: ShowInfoOption = None,
) -> None:
    """Train policies against given reward files, all in one population.

    Exit code 0 if every member was trained, else 3.
    """
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    combination: dict[str, Any] = {
        "combine": combine, "combine_model": combine_model, "rank": rank, "adapt": adapt,
        "require": tuple(require) if require else None,
    }  # fmt: skip
    settings = options.settings(
        None, seeds=seeds, n_timesteps=n_timesteps, algo=algo, share_experience=share_experience, **combination
    )
    with Progress(output) as progress:
        view = api.train(
            files,
            with_environment_options(env, env_kwargs, gym_packages, fields, show_info),
            task=task,
            metric=metric,
            settings=settings,
            on_event=progress,
        )
    from autoreward.cli import tables

    for reason in (*tables.findings(view), *view.notes):
        if reason not in progress.noted:
            output.warn(reason)
    if output.json:
        for line in (*view.lines, view.summary):
            output.line(line)
    else:
        totals = view.totals
        output.show(
            tables.members(view),
            f"{totals.members} members, {totals.env_steps:,} steps in {totals.seconds:.1f} s "
            f"({totals.steps_per_second:,.0f} steps/s)",
        )
    if any(line.status != "trained" for line in view.lines):
        raise typer.Exit(NO_VALID_CANDIDATE)
