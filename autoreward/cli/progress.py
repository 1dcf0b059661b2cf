"""What a person sees while a search or a training runs: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from autoreward.cli.output import Output, clock, dollars
from autoreward.number_format import number, with_interval

if TYPE_CHECKING:
    from rich.live import Live

    from autoreward.views import (
        CandidateEvent,
        GenerationEvent,
        NoteEvent,
        ProgressEvent,
        PropertiesEvent,
        StartedReport,
        View,
    )

REFRESH = 4  # [1/s] of the live line


class Progress:
    """Receives the events of a search; with `--json` they go to stdout as they come."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._live: Live | None = None
        self._stage: tuple[int | None, str, int] | None = None
        self.folder: str | None = None  # of the run, once the search has said so
        self.finished = False
        self.noted: set[str] = set()  # what notes have said

    def __enter__(self) -> Self:
        if self._output.progress.is_terminal and not self._output.quiet:
            from rich.live import Live

            self._live = Live(console=self._output.progress, refresh_per_second=REFRESH, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, event: View | ProgressEvent | NoteEvent) -> None:
        """One event: to stdout with `--json`, and in words to stderr."""
        from autoreward import views

        if isinstance(event, views.ProgressEvent):
            self._advance(event)
            return
        if isinstance(event, views.NoteEvent):
            self.noted.add(event.text)
            self._output.note(event.text, "yellow")
            return
        if isinstance(event, views.StartedEvent):
            self.folder = event.folder
        self.finished = isinstance(event, views.FinishedEvent)
        if self._output.json:
            self._output.line(event)
        for text, style in _words(event):
            self._output.note(text, style)

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """The live line waits while a person is asked something."""
        if self._live:
            self._live.stop()
        try:
            yield
        finally:
            if self._live:
                self._live.start()

    def _advance(self, event: ProgressEvent) -> None:
        if self._live:
            from rich.text import Text

            self._live.update(Text(progress_line(event), overflow="ellipsis", no_wrap=True))
            return
        quarter = 4 * event.done // event.total if event.total else 0
        stage = (event.generation, event.stage, quarter)
        if stage != self._stage:  # plain lines say only what is new
            self._output.note(progress_line(event))
        self._stage = stage


def progress_line(event: ProgressEvent) -> str:
    """`gen 2/3 · training · 9/12 candidates (1 refused) · best 0.71 (g01c02) · $0.84/$5.00 · 14:20 left`."""
    parts = []
    if event.generation is not None:
        of = f"/{event.generations}" if event.generations else ""
        parts.append(f"gen {event.generation + 1}{of}")  # people count from 1, ids (g00c00) from 0
    parts.append(event.stage)
    parts += [_count(event)] if event.total else []
    if event.best is not None and event.success is not None:
        parts.append(f"best {_outcome(event.success, event.progress)} ({event.best})")
    if event.cost or event.max_cost is not None:
        parts.append(dollars(event.cost) + (f"/{dollars(event.max_cost)}" if event.max_cost is not None else ""))
    if event.seconds_left is not None:
        parts.append(f"{clock(event.seconds_left)} left")
    return " · ".join(parts)


def _outcome(success: float, progress: float | None) -> str:
    """The success, or the progress while there is none: so that something is seen to move."""
    return number(success) if success or progress is None else f"{number(success)}, progress {number(progress)}"


def _count(event: ProgressEvent) -> str:
    refused = f" ({event.refused} refused)" if event.refused else ""
    if event.counted == "steps":
        return f"{100 * event.done / event.total:.0f} % of {event.total:,} steps{refused}"
    return f"{event.done}/{event.total} {event.counted}{refused}"


def _words(event: View) -> list[tuple[str, str]]:
    """The event as lines with their styles."""
    from autoreward import views

    if isinstance(event, views.StartedReport):
        return _started(event)
    if isinstance(event, views.MetricEvent):
        from autoreward.cli.metric import metric_lines

        return [(line, "bold" if line.startswith("metric") else "") for line in metric_lines(event)]
    if isinstance(event, views.RaceEvent):
        given = ", ".join(f"{name} ({count})" for name, count in sorted(event.seeds.items()))
        return [(f"g{event.generation:02}: further seeds go to {given}", "")]
    if isinstance(event, views.PropertiesEvent):
        return properties_lines(event)
    if isinstance(event, views.CandidateEvent):
        return _candidate(event)
    if isinstance(event, views.GenerationEvent):
        return _generation(event)
    return []


def _started(event: StartedReport) -> list[tuple[str, str]]:
    size = (
        f"{_several(event.generations, 'generation')} of {_several(event.candidates, 'candidate')}, "
        f"{_several(event.seeds, 'seed')}, {event.n_timesteps:,} steps a member"
    )
    if event.race:
        size += f", then {event.race} more trainings for those that can still be best"
    lines = [(f"{event.env}: {event.task}", "bold"), (f"designer {event.designer} · {size}", "")]
    if event.message:
        lines.append((event.message, "dim"))
    return [*lines, (f"run {event.run} in {event.folder}", "dim")]


def properties_lines(event: PropertiesEvent) -> list[tuple[str, str]]:
    """The tests of meaning, and those that are left out, as lines with their styles."""
    kept = [pair for pair in event.pairs if pair.status == "kept"]
    lines = [(f"{_several(len(kept), 'test')} of meaning: a reward has to pay the first side more", "bold")]
    lines += [(f"    {pair.better} > {pair.worse}", "") for pair in kept]
    dropped = [pair for pair in event.pairs if pair.status == "dropped"]
    return lines + [(f"    left out: {pair.better} > {pair.worse}: {pair.reason}", "dim") for pair in dropped]


def _several(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _candidate(event: CandidateEvent) -> list[tuple[str, str]]:
    if event.fitness is not None:
        success, progress = with_interval(event.fitness), with_interval(event.progress)
        return [(f"{event.id} {event.status}: success {success}, progress {progress}", "")]
    errors = [finding for finding in event.findings if finding.severity == "error"]
    return [
        (f"{event.id} {event.status}", "yellow"),
        *((finding.in_words("    "), "yellow") for finding in errors),
    ]


def _generation(event: GenerationEvent) -> list[tuple[str, str]]:
    if event.best is None:
        return [(f"g{event.index:02}: no valid candidate yet", "yellow")]
    text = f"g{event.index:02}: best of the run so far {event.best}, success {with_interval(event.fitness)}"
    if event.fitness is not None and event.fitness.mean == 0.0:
        text += f", progress {with_interval(event.progress)}"
    if event.certainty is None:
        return [(text, "bold")]
    from autoreward.cli.certainty import in_words

    return [(text, "bold"), (f"     {in_words(event.certainty)}", "dim")]
