"""`autoreward envs`: the environments, what a designer sees of one and what not, and packs of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoreward.cli.environment_options import (
    EnvKwargsOption,
    FieldsOption,
    GymPackagesOption,
    ShowInfoOption,
    with_environment_options,
)
from autoreward.cli.options import Globals
from autoreward.cli.output import Output
from autoreward.errors import UsageError

if TYPE_CHECKING:
    from autoreward.views import EnvCheckLine, MeaningsView

ENVIRONMENT_FAILED = 7
HELP = "List the environments, show or check one, or make one of your own robot."

app = typer.Typer(help=HELP, invoke_without_command=True)


@app.callback()
def list_environments(context: typer.Context) -> None:
    """List the environments, show or check one, or make one of your own robot."""
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

    rows = table("env", "what", "tasks", "mirrors")
    for environment in environments:
        rows.add_row(environment.env, environment.title, ", ".join(environment.tasks), environment.mirrors or "-")
    output.show(rows)


EnvArgument = Annotated[
    str,
    typer.Argument(metavar="ENV", help="An environment, one with a task (hopper/front_flip), a Gymnasium id, M:CLASS."),
]


@app.command("show")
def show_environment(
    context: typer.Context,
    env: EnvArgument,
    env_kwargs: EnvKwargsOption = None,
    gym_packages: GymPackagesOption = None,
    fields: FieldsOption = None,
    show_info: ShowInfoOption = None,
) -> None:
    """Show all that a designer sees of an environment: body, action, fields; below that its tasks and their success."""
    from autoreward import api

    output = Output(context.obj)
    view = api.environment(with_environment_options(env, env_kwargs, gym_packages, fields, show_info))
    if output.json:
        output.line(view)
        return
    from autoreward.cli.tables import environment

    output.show(*environment(view))


@app.command("describe")
def describe_environment(
    context: typer.Context,
    env: EnvArgument,
    env_kwargs: EnvKwargsOption = None,
    gym_packages: GymPackagesOption = None,
    fields: FieldsOption = None,
    show_info: ShowInfoOption = None,
    describe: Annotated[
        str | None,
        typer.Option("--describe", metavar="MODEL", help="Have provider/model read what its author wrote of it."),
    ] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="Of an OpenAI-compatible server.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE.yaml",
            help="With --describe; it must not exist.",
            show_default="fields.yaml",
        ),
    ] = None,
) -> None:
    """The same as `show`: what a designer would see of any environment, and what is hidden from it.

    With --describe a language model says what the fields mean, from the environment's documentation without what tells
    how it pays. At a terminal you confirm it; the file is for --fields.
    """
    if describe is None:
        if file is not None:
            raise UsageError(
                "-o goes with --describe: nothing else is written.", "Add --describe MODEL, or leave it out."
            )
        show_environment(context, env, env_kwargs, gym_packages, fields, show_info)
        return
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    settings = options.settings(model=describe, base_url=base_url)
    name = with_environment_options(env, env_kwargs, gym_packages, fields, show_info)

    def confirm(view: MeaningsView) -> bool:
        _show_meanings(output, view)
        return options.yes or typer.confirm("Is that right? It is written then.", default=True, err=True)

    view = api.describe_environment(
        name, file or Path("fields.yaml"), settings, confirm if options.interactive else None
    )
    if output.json:
        output.line(view)
        return
    if not options.interactive:
        _show_meanings(output, view)
    output.show(f"written to {view.file}: read it, mend it, and use it with --fields {view.file}")


def _show_meanings(output: Output, view: MeaningsView) -> None:
    from autoreward.cli.tables import table

    listing = table("field", "unit", "frame", f"meaning, as {view.model} reads it")
    for line in view.fields:
        named = f" ({', '.join(line.components)})" if line.components else ""
        listing.add_row(line.field, line.unit, line.frame, line.meaning + named)
    said = [f"Nothing is said of {', '.join(view.unsaid)}."] if view.unsaid else []
    output.show(listing, *said, *(f"left out: {reason}" for reason in view.left_out))


@app.command("new")
def new_environment(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The folder to write; it names the environment.")],
    mjcf: Annotated[Path, typer.Option("--mjcf", metavar="FILE", help="The robot's model: MJCF, MuJoCo's XML.")],
    home: Annotated[
        str | None,
        typer.Option(
            "--home", metavar="KEYFRAME", help="Initial pose: a name or number. Default: `home`, or the only one."
        ),
    ] = None,
    forward: Annotated[
        str | None, typer.Option("--forward", metavar="AXIS", help="Where it faces: x, -x, y, -y. Guessed by default.")
    ] = None,
    command: Annotated[
        list[str] | None,
        typer.Option(
            "--command",
            metavar="KIND[:NAME]",
            help="velocity, heading, target or orientation, also of an object: target:block. Drawn each episode, seen "
            "by the policy. Repeatable.",
        ),
    ] = None,
    every: Annotated[
        float | None, typer.Option("--every", metavar="SECONDS", help="Draw commands anew within an episode.")
    ] = None,
    end: Annotated[
        list[str] | None,
        typer.Option("--end", metavar="NAME", help="A site, body or geom that is the end of a limb. Repeatable."),
    ] = None,
    control: Annotated[
        str | None,
        typer.Option(
            "--control",
            "--actuate",
            metavar="KIND",
            help="position: servos in place of its motors, or where it has none; delta: an action moves their targets; "
            "torque: motors.",
        ),
    ] = None,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="Fields for the contacts of each link, by sensors; not for MJX in jax.")
    ] = False,
    observe: Annotated[
        list[str] | None,
        typer.Option(
            "--observe",
            metavar="WHAT",
            help="velocity or height of a free base: no sensor tells them, so policies are not shown them. Repeatable.",
        ),
    ] = None,
) -> None:
    """Write an environment for a robot of your own. It is checked, and runs at once: --env ./NAME."""
    from autoreward import api

    output = Output(context.obj)
    output.note("writing and checking the pack ...")
    view = api.new_environment(
        name,
        mjcf,
        home,
        forward=forward,
        command=tuple(command or ()),
        every=every,
        end=tuple(end or ()),
        control=control,
        contacts=contacts,
        observe=tuple(observe or ()),
    )
    if output.json:
        output.line(view)
    else:
        pose = f"keyframe {view.home}" if view.home else "the model's rest pose"
        output.show(
            f"{view.folder}/pack.py: {view.fields} fields, observation of {view.observation_size}, starts from {pose}"
        )
        output.show(*(f"look: {warning}" for warning in view.warnings))
        _show_check(output, view.check)
        at = shlex.quote(view.folder if "/" in view.folder else f"./{view.folder}")
        output.show(
            f"Read and edit {at}/pack.py and its tasks/.",
            "next",
            f"  autoreward envs check {at}",
            f"  autoreward design --env {at} --task {view.tasks[0]}" if view.tasks else f"  autoreward envs show {at}",
        )
    _exit_if_failed([view.check])


@app.command("check")
def check_environments(
    context: typer.Context,
    envs: Annotated[list[str], typer.Argument(metavar="ENV...", help="Names, or paths of packs: ./my_robot.")],
) -> None:
    """Check environments against the contract of a pack: functions, episodes, tasks and metrics.

    Exit code 0 if all pass, else 7.
    """
    from autoreward import api

    output = Output(context.obj)
    lines = []
    for env in envs:
        lines.append(api.check_environment(env))
        if output.json:
            output.line(lines[-1])
        else:
            _show_check(output, lines[-1])
    _exit_if_failed(lines)


def _show_check(output: Output, line: EnvCheckLine) -> None:
    tasks = f"tasks {', '.join(line.tasks)}" if line.tasks else "no task"
    output.show(f"{line.env}: {line.status} the contract suite ({line.seconds:.1f} s), {tasks}")
    output.show(*(finding.in_words("    ") for finding in line.findings))


def _exit_if_failed(lines: list[EnvCheckLine]) -> None:
    if any(line.status != "passed" for line in lines):
        raise typer.Exit(ENVIRONMENT_FAILED)
