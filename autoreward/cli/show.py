"""`autoreward show`: one run, or one of its candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from autoreward.cli.options import CandidateArgument, Globals
from autoreward.cli.output import Output
from autoreward.number_format import with_interval

if TYPE_CHECKING:
    from autoreward.views import CandidateReport, ConversationView, RunReport, TermPicturesView, TurnView


def show(
    context: typer.Context,
    run: CandidateArgument = "last",
    plots: Annotated[
        bool,
        typer.Option("--plots", help="Also draw each term over the fields that it reads, and learned weights."),
    ] = False,
    conversation: Annotated[
        bool, typer.Option("--conversation", help="What was asked for the candidate, and what was said.")
    ] = False,
) -> None:
    """Show a run: the best, the baselines, every candidate; or one candidate with its source and analysis."""
    from autoreward import api

    options: Globals = context.obj
    output = Output(options)
    if conversation:
        _show_conversation(output, api.conversation(run, settings=options.settings()))
        return
    view = api.show(run, settings=options.settings())
    if output.json:
        output.line(view)
    elif view.source is not None:
        _show_candidate(output, view, run.rpartition(":")[2])
    else:
        from autoreward.cli.tables import candidates, outcome, remarks

        output.show(candidates(view), *remarks(view), *outcome(view))
    if plots:
        _show_plots(output, api.plot_terms(run, settings=options.settings()))


def _show_conversation(output: Output, view: ConversationView) -> None:
    if output.json:
        output.line(view)
        return
    for turn in view.turns:
        output.show_messages(turn.prompt, turn.messages)
        output.show(f"--- {turn.prompt} · reply: {_facts(turn)} ---", turn.reply)
        output.show(*(f"note: {note}" for note in turn.notes))


def _facts(turn: TurnView) -> str:
    """`answered · openai/gpt-5 (gpt-5-2025-08-07) · finish stop · 12.3 s · 1 try · 3,000 + 200 tokens`."""
    if turn.status is None:
        return "none yet"
    usage = turn.usage
    parts = [turn.status, f"{turn.designer}{f' ({turn.model})' if turn.model else ''}"]
    parts += [f"finish {turn.finish_reason}"] if turn.finish_reason else []
    parts += [f"{turn.latency:.1f} s"] if turn.latency is not None else []
    parts += [f"{turn.tries} {'try' if turn.tries == 1 else 'tries'}"]
    if usage.calls:
        guessed = " (estimated)" if usage.estimated else ""
        parts.append(f"{usage.input_tokens:,} + {usage.output_tokens:,} tokens{guessed}")
    return " · ".join(parts)


def _progress(candidate: CandidateReport) -> str:
    """The progress of a candidate that never succeeds."""
    failing = candidate.fitness is not None and candidate.fitness.mean == 0.0
    return f", progress {with_interval(candidate.progress)}" if failing and candidate.progress else ""


def _show_plots(output: Output, pictures: TermPicturesView) -> None:
    if output.json:
        output.line(pictures)
        return
    for note in pictures.notes:
        output.note(note)
    output.show("", f"Terms of {pictures.candidate} over the fields that they read:")
    output.show(*(f"  {file}" for file in pictures.files))


def _show_candidate(output: Output, view: RunReport, name: str) -> None:
    for candidate in (candidate for candidate in view.candidates if candidate.id == name):
        success = with_interval(candidate.fitness)
        output.show(f"{candidate.id} {candidate.status}: success {success}{_progress(candidate)}")
        output.show(*(finding.in_words("  ") for finding in candidate.findings))
        output.show(*(f"  {one.in_words}" for one in candidate.remarks if one.kind == "trajectory"))
    said = [*([view.learned] if view.learned else []), *([f"Plan: {view.plan}"] if view.plan else [])]
    output.show(*said, "", (view.source or "").rstrip())
    if view.analysis:
        output.show("", view.analysis)
