"""`autoreward guide`: the reward contract on one page, and what a coding agent has to know."""

from __future__ import annotations

from typing import Annotated

import typer

from autoreward.cli.output import Output, echo


def guide(
    context: typer.Context,
    skill: Annotated[
        bool, typer.Option("--skill", help="SKILL.md instead: how a coding agent uses autoreward.")
    ] = False,
) -> None:
    """Print the reward contract with everything a reward may call, for people and coding agents."""
    from autoreward import api
    from autoreward.views import GuideView

    output = Output(context.obj)
    text = api.skill() if skill else api.guide()
    if output.json:
        output.line(GuideView(guide=text))
    else:
        echo(text)
