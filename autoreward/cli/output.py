"""Where text goes: stdout is data, stderr is progress. Everything that is shown passes `plain` on its way out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import typer

from autoreward.plain_text import escape_json, plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from autoreward.cli.options import Globals
    from autoreward.records import Message
    from autoreward.views import View

PIPE_WIDTH = 120  # [columns] of text that does not go to a terminal


class Output:
    """The two streams, as the global options want them."""

    def __init__(self, options: Globals) -> None:
        self.json = options.json
        self.quiet = options.quiet
        self.data = _console(stderr=False)
        self.progress = _console(stderr=True)

    def line(self, view: View) -> None:
        """One JSON object on one line of stdout."""
        typer.echo(json_line(view))

    def show(self, *renderables: RenderableType) -> None:
        """A result for people, on stdout."""
        for renderable in renderables:
            self.data.print(renderable, soft_wrap=isinstance(renderable, str))

    def show_messages(self, prompt: str, messages: Sequence[Message]) -> None:
        """The messages of a prompt, each below its id and who speaks."""
        for message in messages:
            self.show(f"--- {prompt} · {message.role} ---", message.content)

    def note(self, text: str, style: str = "") -> None:
        """Something about the way there, on stderr; nothing with --quiet."""
        if not self.quiet:
            self.progress.print(text, style=style or None, soft_wrap=True)

    def warn(self, text: str) -> None:
        """Something that matters even with --quiet, on stderr."""
        self.progress.print(text, style="yellow", soft_wrap=True)


def json_line(view: View) -> str:
    """JSON that is safe on a terminal too: what `plain` removes is written as an escape, so that no text changes."""
    return escape_json(view.as_json())


def clock(seconds: float) -> str:
    """`14:20`, `2:03:05`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def dollars(cost: float | None) -> str:
    """`$0.84`, or `cost unknown`."""
    return "cost unknown" if cost is None else f"${cost:.2f}"


def echo(text: str, *, err: bool = False, color: str | None = None) -> None:
    """A line without tables or wrapping, as plain as everything else."""
    typer.secho(plain(text), err=err, fg=color)


def _console(stderr: bool) -> Console:
    from rich.console import Console
    from rich.segment import Segment

    class PlainConsole(Console):
        """Makes every piece of text plain, whichever table or line it comes from; its own colours stay."""

        def render(self, renderable: Any, options: Any = None) -> Iterator[Segment]:
            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else plain(text), style, control)

    stream = sys.stderr if stderr else sys.stdout
    width: dict[str, Any] = {} if stream.isatty() else {"width": PIPE_WIDTH}
    return PlainConsole(stderr=stderr, markup=False, highlight=False, emoji=False, **width)
