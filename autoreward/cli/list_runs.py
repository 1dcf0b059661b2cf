"""`autoreward list`: the runs on disk."""

from __future__ import annotations

from pathlib import Path

import typer

from autoreward.cli.options import Globals
from autoreward.cli.output import Output
from autoreward.number_format import with_interval


def list_runs(context: typer.Context) -> None:
    """List the runs, oldest first."""
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    folder = Path(options.settings().runs)
    runs = api.list_runs(folder)
    if output.json:
        for run in runs:
            output.line(run)
        return
    if not runs:
        output.note(f"No runs in {folder}. Start one: autoreward design --env half_cheetah --task forward")
        return
    from autoreward.cli.tables import table

    rows = table("run", "env", "task", "status", "best", ">success, 95 % interval")
    rows.columns[0].no_wrap, rows.columns[0].min_width = True, max(len(run.run) for run in runs)  # it is typed
    for run in runs:
        rows.add_row(run.run, run.env, run.task, run.status, run.best or "-", with_interval(run.fitness))
    output.show(rows)
    for run in runs:
        if run.problem:
            output.warn(f"{run.run}: {run.problem}")
