"""`autoreward doctor`: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import typer

from autoreward.cli.options import Globals
from autoreward.cli.output import Output
from autoreward.errors import EnvironmentFailedError

_STYLES = {"ok": "green", "warning": "yellow", "failure": "red"}


def doctor(context: typer.Context) -> None:
    """Check this machine: versions, key, servers, rendering, GPU, isolation, disk. Exit code 7 after a failure."""
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    lines = api.doctor(options.settings())
    if output.json:
        for line in lines:
            output.line(line)
    else:
        from autoreward.cli.tables import table

        rows = table("check", "", "what was seen, and what to do")
        for line in lines:
            rows.add_row(
                line.check, line.status, line.detail, style=None if line.status == "ok" else _STYLES[line.status]
            )
            if line.fix:
                rows.add_row("", "", f"-> {line.fix}")
        output.show(rows)
    if any(line.status == "failure" for line in lines):
        raise typer.Exit(EnvironmentFailedError.exit_code)
