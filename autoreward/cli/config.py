"""`autoreward config`: every setting, its value, and where it came from."""

from __future__ import annotations

from typing import Annotated

import typer

from autoreward.cli.options import Globals, Group
from autoreward.cli.output import Output

app = typer.Typer(cls=Group, help="Show the settings.", no_args_is_help=True)


@app.callback()
def config() -> None:
    """Show the settings."""


@app.command("show")
def show(
    context: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Also where each value came from.")] = False,
) -> None:
    """Show every setting as `design` takes it now: files, AUTOREWARD_* variables and --set together.

    Where nothing sets candidates, seeds or race, `train` and the benchmarks take 3 seeds.
    """
    from autoreward.config import setting_values
    from autoreward.views import ConfigLine

    options: Globals = context.obj
    output, loaded = Output(options), options.loaded()
    lines = [
        ConfigLine(key=key, value=value, origin=loaded.origins[key])
        for key, value in setting_values(loaded.settings.for_search()).items()
    ]
    if output.json:
        for line in lines:
            output.line(line)
        return
    from autoreward.cli.tables import table

    rows = table("setting", "value", *(["origin"] if origin else []))
    for line in lines:
        rows.add_row(line.key, _written(line.value), *([line.origin] if origin else []))
    output.show(rows)


def _written(value: object) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
