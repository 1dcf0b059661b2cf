"""`autoreward check`: the critic alone, many files in one process."""

from __future__ import annotations

from typing import Any

import typer

from autoreward.cli.environment_options import (
    EnvKwargsOption,
    FieldsOption,
    GymPackagesOption,
    ShowInfoOption,
    with_environment_options,
)
from autoreward.cli.options import EnvOption, FilesArgument, Globals, PropertiesOption, TaskOption
from autoreward.cli.output import Output

NO_VALID_CANDIDATE = 3


def check(
    context: typer.Context,
    files: FilesArgument,
    env: EnvOption,
    task: TaskOption = None,
    properties: PropertiesOption = None,
    env_kwargs: EnvKwargsOption = None,
    gym_packages: GymPackagesOption = None,
    fields: FieldsOption = None,
    show_info: ShowInfoOption = None,
) -> None:
    """Check reward files without training: the rules, then a sandboxed run on real transitions.

    With --properties a reward also has to pay the better side of each pair of a file more: the properties.yaml of a
    run, or one of your own.

    Exit code 0 if all are accepted, 9 where the isolation that is required is not there, else 3.
    """
    from autoreward import api
    from autoreward.cli.progress import properties_lines

    options: Globals = context.obj
    output = Output(options)

    def tell(event: Any) -> None:
        if output.json:
            output.line(event)
            return
        for text, style in properties_lines(event):
            output.note(text, style)

    env = with_environment_options(env, env_kwargs, gym_packages, fields, show_info)
    lines = api.check(files, env, task, properties=properties, settings=options.settings(), on_event=tell)
    for line in lines:
        if output.json:
            output.line(line)
            continue
        output.show(f"{line.file}: {line.status} ({line.seconds:.1f} s, isolation {line.tier})")
        output.show(*(finding.in_words("    ") for finding in line.findings))
    if any(line.status != "accepted" for line in lines):
        raise typer.Exit(NO_VALID_CANDIDATE)
