"""`autoreward metric`: a success metric for a text, and the questions that `design` asks about one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autoreward.cli.options import Globals
from autoreward.cli.output import Output
from autoreward.errors import UsageError
from autoreward.input_files import read_text
from autoreward.number_format import with_interval, with_unit

if TYPE_CHECKING:
    from autoreward.config import Settings
    from autoreward.records import Fitness, MetricAnswer, MetricProposal, MetricQuestion, MetricSpec
    from autoreward.views import EpisodeView, MetricEvent

UNSURE = 0.5  # [nat] of entropy over the clusters of drafts from which a text is said to be ambiguous


def metric(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT|RUN", help="What the robot should do; with --revise, the run.")],
    env: Annotated[
        str | None, typer.Option("--env", metavar="ENV", help="Environment. `autoreward envs` lists them.")
    ] = None,
    revise: Annotated[
        str | None, typer.Option("--revise", metavar="WORDS", help="What is wrong with the metric of the run.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Say that the metric of the run measures what you mean.")
    ] = False,
    file: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="It must not exist.")] = Path(
        "metric.py"
    ),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="The prompts; nothing is asked.")] = False,
    model: Annotated[str | None, typer.Option("--model", metavar="M", help="provider/model.")] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="Of an OpenAI-compatible server.")] = None,
) -> None:
    """Find out from a text what counts as success, and write it as a file that --metric takes; or mend a run's metric.

    autoreward metric "Jump as high as possible" --env hopper -o jump.py

    autoreward metric last --revise "it counts falling as a flip"

    A language model drafts several; each is checked and tried on episodes that nobody designed, and the one most
    others agree with is proposed: at a terminal you accept it, change it or say what is wrong, as `design` asks; with
    --yes it is accepted. With --revise all that the run has trained is measured by the mended metric, without training.
    """
    options: Globals = context.obj
    output, settings = Output(options), options.settings(model=model, base_url=base_url)
    if accept:
        _accept(output, settings, text)
        return
    if env is None and revise is None:
        raise UsageError("No environment is named.", "--env ENV; with --revise WORDS, name a run instead of a text.")
    if dry_run:
        _show_prompts(output, settings, {"text": text, "env": env, "wrong": revise})
        return
    if revise is not None:
        _revise(options, output, settings, text, revise)
        return
    _write(options, output, settings, {"text": text, "env": env, "file": file})


def _accept(output: Output, settings: Settings, run: str) -> None:
    from autoreward import api

    view = api.accept_metric(run, settings=settings)
    if output.json:
        output.line(view)
    else:
        output.show(f"accepted by {', '.join(view.accepted)}: {view.metric}")


def _show_prompts(output: Output, settings: Settings, arguments: Mapping[str, Any]) -> None:
    from autoreward import api

    view = api.metric_prompts(**arguments, settings=settings)
    if output.json:
        output.line(view)
        return
    for prompt in view.prompts:
        output.show_messages(prompt.id, prompt.messages)
    output.show(f"designer  {view.designer}", f"calls     {view.calls[0]} to {view.calls[1]}")


def _revise(options: Globals, output: Output, settings: Settings, run: str, words: str) -> None:
    from autoreward import api
    from autoreward.cli import tables
    from autoreward.cli.progress import Progress
    from autoreward.cli.search import reviewer_of

    with Progress(Output(replace(options, json=False))) as progress:  # one object on stdout, at the end
        reviewer = reviewer_of(options, progress)
        view = api.revise_metric(run, words, settings=settings, on_event=progress, reviewer=reviewer)
    if output.json:
        output.line(view)
        return
    output.show(tables.candidates(view), *tables.outcome(view))


def _write(options: Globals, output: Output, settings: Settings, arguments: Mapping[str, Any]) -> None:
    from autoreward import api, views
    from autoreward.cli.progress import Progress
    from autoreward.cli.search import reviewer_of

    with Progress(Output(replace(options, json=False))) as progress:  # one object on stdout, at the end
        reviewer = reviewer_of(options, progress)

        def tell(event: Any) -> None:
            if reviewer is not None or isinstance(event, views.NoteEvent):
                progress(event)

        view = api.metric(**arguments, settings=settings, on_event=tell, reviewer=reviewer)
    if output.json:
        output.line(view)
        return
    shown = metric_lines(view) if reviewer is None else []  # a person has just read them
    output.show(*shown, f"written to {view.file}; use it with --metric {view.file}")


def metric_lines(event: MetricEvent) -> list[str]:
    """What counts as success, and how far the drafts agree."""
    reference = "" if event.reference is None else f"; good from {with_unit(event.reference, event.unit)}"
    unit = "" if event.unit == "1" else f" [{event.unit}]"
    kept = [draft for draft in event.drafts if draft.status == "kept"]
    agree = sum(draft.cluster == 0 for draft in kept)
    lines = [
        f"metric{unit}  {event.sentence.rstrip('.')}{reference}",
        f"{len(event.drafts)} drafts, {len(kept)} usable, {agree} mean the same"
        + (": the text can be read in several ways" if event.entropy > UNSURE else ""),
    ]
    lines += [f"    {words}" for words in event.assumed]
    others = {draft.cluster: draft for draft in reversed(kept) if draft.cluster}
    lines += [
        f"    {draft.id} {draft.status}: {'; '.join(reason.message for reason in draft.reasons)}"
        for draft in event.drafts
        if draft.status != "kept"
    ]
    lines += (
        [f"    told beside it, where it can be checked: {', '.join(name for name, _ in event.subtasks)}"]
        if event.subtasks
        else []
    )
    lines += [f"    no field tells: {words}" for words in event.missing]
    lines += [f"    another reading: {others[cluster].sentence}" for cluster in sorted(others) if cluster is not None]
    return lines + [_episode_line(episode, event.unit) for episode in event.episodes]


def _episode_line(episode: EpisodeView, unit: str) -> str:
    """What the metric puts first or last of what there is without a reward, and where to look at it."""
    clip = f"; clip {episode.clip}" if episode.clip else ""
    return f"    {episode.label} without a reward: {with_unit(episode.success, unit)}, {episode.way}{clip}"


class TerminalReviewer:
    """A person at the terminal.

    Args:
        pausing: what else is shown there waits meanwhile.
    """

    def __init__(self, pausing: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._pausing = pausing

    def choose(self, question: MetricQuestion, proposed: int) -> int:
        """The number of an option; Enter takes the proposed one."""
        count = len(question.options)
        with self._pausing():
            typer.echo(question.text, err=True)
            for number, option in enumerate(question.options, start=1):
                typer.echo(f"  {number}  {option.text}", err=True)
            while True:
                said = typer.prompt(f"1 to {count}", default=str(proposed + 1), err=True).strip()
                if said.isdecimal() and 1 <= int(said) <= count:
                    return int(said) - 1
                typer.echo(f"{said!r} is none of them.", err=True)

    def reword(self, problem: str) -> str:
        """Other words for the task; Enter ends it."""
        with self._pausing():
            typer.echo(problem, err=True)
            said = typer.prompt("Say it in other words, or Enter to stop", default="", show_default=False, err=True)
            return str(said).strip()

    def confirm(self, proposal: MetricProposal, problem: str) -> MetricAnswer:
        """Yes, another program, or what is wrong in words."""
        with self._pausing():
            return ask_about_metric(proposal, problem)

    def meant(self, candidate: str, fitness: Fitness | None, metric: MetricSpec, clip: str | None) -> str:
        """What is wrong with what the best candidate does; Enter where nothing is."""
        unit = "" if metric.unit == "1" else f" {metric.unit}"
        with self._pausing():
            typer.echo(f"The best so far is {candidate}: {with_interval(fitness)}{unit}. {metric.meaning}", err=True)
            typer.echo(f"Its clip: {clip}" if clip else "No clip of it can be drawn here.", err=True)
            said = typer.prompt(
                "Does this do what you meant? Enter: yes; or say what is wrong",
                default="", show_default=False, err=True,
            )  # fmt: skip
        said = str(said).strip()
        return "" if said.lower() in ("y", "yes") else said


def ask_about_metric(proposal: MetricProposal, problem: str) -> MetricAnswer:
    """A person's answer to a proposal, asked on the terminal."""
    from autoreward.records import MetricAnswer

    draft = proposal.draft
    assert draft is not None, "only a draft that can be used is asked about"
    if problem:
        typer.echo(f"That cannot be used: {problem}", err=True)
    while True:
        said = typer.prompt(
            "Is this what you mean? Enter: yes; c: show the program; e: edit it; or say what is wrong",
            default="", show_default=False, err=True,
        ).strip()  # fmt: skip
        if said == "c":
            typer.echo(draft.source, err=True)
        elif said == "e":
            edited = _edit(draft.source)
            if edited != draft.source:
                return MetricAnswer(verdict="edited", text=edited, by="person")
        elif said.lower() in ("", "y", "yes"):
            return MetricAnswer(verdict="accepted", by="person")
        else:
            return MetricAnswer(verdict="reworded", text=said, by="person")


def _edit(text: str) -> str:
    """The text as a person leaves it in their editor ($VISUAL, $EDITOR, vi).

    Raises:
        UsageError: the editor cannot be started.
    """
    import shlex
    import subprocess
    import tempfile

    from autoreward.process_environment import process_variables

    variables = process_variables(None)
    command = shlex.split(variables.get("VISUAL") or variables.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "metric.py"
        file.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*command, str(file)], check=False)
        except OSError as error:
            raise UsageError(f"The editor {command[0]!r} cannot be started: {error}.", "Set EDITOR.") from error
        return read_text(file)
