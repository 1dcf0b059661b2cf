"""`autoreward ui`: the page in a browser on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoreward.cli.options import NUMBER, Globals
from autoreward.cli.output import Output

if TYPE_CHECKING:
    from autoreward.web.server import Address

PORT = 8765


def ui(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="A path, the end of a run's id, or `last`; all runs without it.")
    ] = None,
    port: Annotated[
        int, typer.Option("--port", parser=NUMBER, metavar="P", help="The next free one where it is taken.")
    ] = PORT,
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
) -> None:
    """Watch, compare and steer runs in a browser; serves this machine only, until it is stopped."""
    from autoreward.api.arguments import find_folder
    from autoreward.errors import UsageError
    from autoreward.web.server import serve

    options: Globals = context.obj
    output, settings = Output(options), options.settings()
    if not 1 <= port <= 65_535:
        raise UsageError(f"--port {port}: there is no such port.", "1 to 65535; 8765 by default.")
    folder = None if run is None else find_folder(run, settings)[0]
    if folder is not None:
        settings = settings.model_copy(update={"runs": str(folder.parent)})

    def tell(address: Address) -> None:
        _tell(output, address, port)
        if not no_open and options.interactive:
            typer.launch(address.url)

    serve(settings, Path(folder) if folder else None, port, tell)


def _tell(output: Output, address: Address, wanted: int) -> None:
    if output.json:
        from autoreward.views import UiView

        output.line(UiView(address=address.url, port=address.port, ssh=address.ssh))
    else:
        if address.port != wanted:
            output.note(f"Port {wanted} is taken; this is port {address.port}.")
        output.show(address.url)
        output.note(f"From another machine, then the same address: {address.ssh}")
        output.note("Ctrl-C ends it; searches that it has started go on.")
    import sys

    sys.stdout.flush()  # a program that reads it waits for the address
