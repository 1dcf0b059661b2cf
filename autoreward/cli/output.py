"""Where text goes: stdout is data, stderr is progress. What a model wrote is made safe for a terminal first."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from autoreward.cli.options import Globals
    from autoreward.records import Finding, Fitness
    from autoreward.views import View

PIPE_WIDTH = 120  # [columns] of text that does not go to a terminal
_UNSAFE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # terminal control sequences
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links, the clipboard
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # all control characters but tab and line feed
    r"|[\u202a-\u202e\u2066-\u2069\u200b-\u200f]"  # what reorders or hides text
)
# JSON escapes the other control characters anyway.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


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

    def note(self, text: str, style: str = "") -> None:
        """Something about the way there, on stderr; nothing with --quiet."""
        if not self.quiet:
            self.progress.print(plain(text), style=style or None, soft_wrap=True)

    def warn(self, text: str) -> None:
        """Something that matters even with --quiet, on stderr."""
        self.progress.print(plain(text), style="yellow", soft_wrap=True)


def json_line(view: View) -> str:
    """JSON that is safe on a terminal too: what `plain` removes is written as an escape, so that no text changes."""
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", view.as_json())


def plain(text: str) -> str:
    """The text without anything that moves a cursor, hides or reorders."""
    return _UNSAFE.sub("", text)


def fit(fitness: Fitness | None) -> str:
    """`0.71 [0.62, 0.80]`, `0.71` without an interval, `-` where it was not measured."""
    if fitness is None:
        return "-"
    if fitness.low is None or fitness.high is None:
        return number(fitness.mean)
    return f"{number(fitness.mean)} [{number(fitness.low)}, {number(fitness.high)}]"


def number(value: float) -> str:
    """Three digits, and never an exponent for what people read at a glance: `0.712`, `4.51`, `1,235`."""
    size = abs(value)
    if size >= 100 and size < 1e9:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def finding_text(finding: Finding) -> str:
    """One finding on one line, its remedy on the next."""
    where = f"line {finding.line}: " if finding.line is not None else ""
    remedy = f"\n      {finding.remedy}" if finding.remedy else ""
    return plain(f"{finding.severity} {finding.rule}: {where}{finding.message}{remedy}")


def clock(seconds: float) -> str:
    """`14:20`, `2:03:05`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def dollars(cost: float | None) -> str:
    """`$0.84`, or `cost unknown`."""
    return "cost unknown" if cost is None else f"${cost:.2f}"


def _console(stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width: dict[str, Any] = {} if stream.isatty() else {"width": PIPE_WIDTH}
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, **width)
