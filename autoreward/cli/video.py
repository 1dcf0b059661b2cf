"""`autoreward video`: a clip of what a candidate's policy does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoreward.cli.options import NUMBER, CandidateArgument, Globals
from autoreward.cli.output import Output


def video(
    context: typer.Context,
    run: CandidateArgument = "last",
    file: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help=".mp4, .gif, or .html (3-D); SUFFIX_CANDIDATE.mp4 by default."
        ),
    ] = None,
    episode: Annotated[
        str, typer.Option("--episode", metavar="first|best|worst", help="Of its evaluation episodes.")
    ] = "first",
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            parser=NUMBER,
            metavar="N",
            help="Whose first episode; the first seed's without it.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Draw the policy of the best candidate, or of one, as an MP4 or GIF file; off-screen, MUJOCO_GL is honoured.

    The first episode of a seed starts in the same state for every candidate. Where nothing can be drawn, one line says
    why.
    """
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    view = api.video(run, file, episode=episode, seed=seed, settings=options.settings())
    if output.json:
        output.line(view)
    elif view.file is None:
        output.warn(view.problem or "")
    else:
        output.show(view.file, f"{view.candidate}, {view.episode} evaluation episode of seed {view.seed}")
