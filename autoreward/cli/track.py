"""`autoreward track`: a run for the pages where people already look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import Globals, RunArgument
from autoreward.cli.output import Output


def track(
    context: typer.Context,
    run: RunArgument = "last",
    to: Annotated[str, typer.Option("--to", metavar="tensorboard|wandb", help="Whose pages.")] = "tensorboard",
    directory: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where to; in the run's folder by default.")
    ] = None,
) -> None:
    """Write the curves, hyper-parameters, clips and the final table of a run for TensorBoard or Weights & Biases.

    Everything comes from the run itself, so it may have ended long ago. Offline unless WANDB_MODE=online.
    """
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    view = api.track(run, to, directory, settings=options.settings())  # type: ignore[arg-type] # it is checked there
    if output.json:
        output.line(view)
    else:
        output.show(f"{view.series} curves in {view.folder}", f"look at them: {view.open_with}")
