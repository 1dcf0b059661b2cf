"""`autoreward compare`: how far rewards are apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.environment_options import (
    EnvKwargsOption,
    FieldsOption,
    GymPackagesOption,
    ShowInfoOption,
    with_environment_options,
)
from autoreward.cli.options import Globals, MetricOption, SeedsOption, TaskOption, parsed
from autoreward.cli.output import Output
from autoreward.cli.progress import Progress
from autoreward.written_numbers import read_count


def compare(
    context: typer.Context,
    rewards: Annotated[
        list[str],
        typer.Argument(
            metavar="A B...", help="Reward files, RUN:CANDIDATE, RUN (its best), `human`.", show_default=False
        ),
    ],
    env: Annotated[
        str | None, typer.Option("--env", metavar="ENV", help="Environment, or ENV/TASK; that of the runs by default.")
    ] = None,
    task: TaskOption = None,
    metric: MetricOption = None,
    seeds: SeedsOption = None,
    n_timesteps: Annotated[
        int | None,
        typer.Option(
            "-n", "--n-timesteps", parser=parsed(read_count, 0), metavar="STEPS",
            help="Environment steps a member: 300000, 300k, 1e6; 0 trains nothing.", show_default=False,
        ),
    ] = None,
    picture: Annotated[
        Path, typer.Option("-o", "--output", metavar="PICTURE", help="Where to draw it: .png or .svg.")
    ] = Path("comparison.png"),
    env_kwargs: EnvKwargsOption = None,
    gym_packages: GymPackagesOption = None,
    fields: FieldsOption = None,
    show_info: ShowInfoOption = None,
) -> None:  # fmt: skip
    """Compare rewards: how far apart, how they rank trajectories, what training on the same seeds comes to.

    The distance is 0 where two rewards differ by scale, shift and shaping only, and 1 where they are opposite. Rank
    agreement is Kendall's tau over trajectories, 1 to -1. The difference of success is paired: equal seeds start alike.
    """
    from autoreward import api
    from autoreward.cli import tables

    options: Globals = context.obj
    output = Output(options)
    settings = options.settings(seeds=seeds, n_timesteps=n_timesteps or None)
    if env is not None:
        env = with_environment_options(env, env_kwargs, gym_packages, fields, show_info)
    with Progress(output) as progress:
        view = api.compare(
            rewards, env, task, metric,
            training=n_timesteps != 0, picture=picture, settings=settings, on_event=progress,
        )  # fmt: skip
    for note in view.notes:
        output.note(note)
    if output.json:
        output.line(view)
        return
    output.show(*tables.comparison(view))
    output.show(
        f"on {view.transitions:,} transitions, {view.trajectories} trajectories, {view.env_steps:,} steps of training"
    )
    output.show(f"picture      {view.picture}")
