"""`autoreward envs`: the environments, and all that a designer sees of one."""

from __future__ import annotations

from typing import Annotated

import typer

from autoreward.cli.output import Output

app = typer.Typer(help="List the environments, or show one.", invoke_without_command=True)


@app.callback()
def list_environments(context: typer.Context) -> None:
    """List the environments, or show one."""
    if context.invoked_subcommand is not None:
        return
    from autoreward import api

    output = Output(context.obj)
    environments = api.environments()
    if output.json:
        for environment in environments:
            output.line(environment)
        return
    from autoreward.cli.tables import table

    made = table("env", "what", "tasks", "mirrors")
    for environment in environments:
        made.add_row(environment.env, environment.title, ", ".join(environment.tasks), environment.mirrors or "-")
    output.show(made)


@app.command("show")
def show_environment(
    context: typer.Context,
    env: Annotated[str, typer.Argument(metavar="ENV", help="An environment, or one with a task: hopper/front_flip.")],
) -> None:
    """Show the fields, the action and the tasks of an environment: exactly what a designer will see."""
    from autoreward import api

    output = Output(context.obj)
    view = api.environment(env)
    if output.json:
        output.line(view)
        return
    from autoreward.cli.tables import environment

    output.show(*environment(view))
