"""`autoreward bench`: the measurements that anyone can repeat."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import EnvOption, Globals, SeedsOption, TimestepsOption
from autoreward.cli.output import Output, fit
from autoreward.cli.progress import Progress

app = typer.Typer(help="The measurements that anyone can repeat.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """The measurements that anyone can repeat."""


@app.command("learn")
def learn(
    context: typer.Context,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
    fresh_baseline: Annotated[
        bool, typer.Option("--fresh-baseline", help="Train stable-baselines3 again (an hour; needs the extra sb3).")
    ] = False,
) -> None:
    """Our PPO with the human reward on half_cheetah/forward, against stable-baselines3 PPO.

    Exit code 0 if our mean is at least the better of the others, else 4.
    """
    from autoreward import api
    from autoreward.errors import TargetNotMetError

    options: Globals = context.obj
    output = Output(options)
    given = {name: value for name, value in {"seeds": seeds, "n_timesteps": n_timesteps}.items() if value is not None}
    with Progress(output) as progress:
        view = api.learn_bench(fresh_baseline=fresh_baseline, settings=options.settings(), on_event=progress, **given)
    if output.json:
        output.line(view)
    else:
        from autoreward.cli.tables import table

        made = table("trainer", ">success, 95 % interval", ">seeds", ">steps a seed", title=f"{view.env}/{view.task}")
        for row in view.rows:
            made.add_row(row.trainer, fit(row.fitness), str(row.fitness.seeds), f"{row.env_steps:,}")
        output.show(made, "passed" if view.passed else "not passed: our mean is below the better of the others")
    if not view.passed:
        raise typer.Exit(TargetNotMetError.exit_code)


@app.command("bank")
def bank(
    context: typer.Context,
    env: EnvOption,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="The first N rewards only.", show_default=False)
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="DIR", help="Where the bank lies; in the package by default.", show_default=False
        ),
    ] = None,
) -> None:
    """Train the reward bank of a task once: 60 rewards, good and bad, on 5 seeds of 300,000 steps.

    It is stored in chunks as they are done; the same command goes on where an earlier one ended.
    """
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    with Progress(output) as progress:
        view = api.bank_bench(
            env=env, folder=folder, limit=limit, seeds=seeds, n_timesteps=n_timesteps, settings=options.settings(),
            on_event=progress,
        )  # fmt: skip
    if output.json:
        output.line(view)
        return
    from autoreward.cli.tables import table

    title = f"{view.env}/{view.task}: {len(view.rows)} of {view.rewards} rewards, {view.n_timesteps:,} steps a seed"
    made = table("reward", "origin", ">success, 95 % interval", ">seeds", ">failed", title=title)
    for row in view.rows:
        trained = str(row.fitness.seeds) if row.fitness else "0"
        made.add_row(row.reward, row.origin, fit(row.fitness), trained, str(row.failed or ""))
    output.show(made, f"stored in {view.folder}")
