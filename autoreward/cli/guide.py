"""`autoreward guide`: the reward contract on one page."""

from __future__ import annotations

import typer

from autoreward.cli.output import Output, echo


def guide(context: typer.Context) -> None:
    """Print the reward contract with everything a reward may call, for people and coding agents."""
    from autoreward import api
    from autoreward.views import GuideView

    output = Output(context.obj)
    text = api.guide()
    if output.json:
        output.line(GuideView(guide=text))
    else:
        echo(text)
