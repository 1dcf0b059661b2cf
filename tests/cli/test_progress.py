"""What a search tells while it runs."""

from __future__ import annotations

import json

import pytest

from autoreward.cli.options import Globals
from autoreward.cli.output import Output
from autoreward.cli.progress import Progress, progress_line
from autoreward.records import Finding, Fitness
from autoreward.views import CandidateEvent, GenerationEvent, ProgressEvent, SpentView, StartedReport

STARTED = StartedReport(
    run="2026-11-20_half_cheetah-forward_k3f9",
    folder="runs/2026-11-20_half_cheetah-forward_k3f9",
    env="half_cheetah",
    task="Run forward.",
    designer="compose",
    candidates=4,
    generations=2,
    seeds=2,
    n_timesteps=100_000,
    message="compose is not an LLM",
)
REFUSED = CandidateEvent(
    id="g01c03",
    generation=1,
    parents=(),
    status="refused",
    fitness=None,
    progress=None,
    findings=(Finding(rule="static.field", severity="error", line=4, message="reads next_state.height"),),
)
TRAINED = CandidateEvent(
    id="g01c02",
    generation=1,
    parents=("g00c01",),
    status="trained",
    fitness=Fitness(mean=0.71, low=0.6, high=0.8, seeds=3, episodes=30),
    progress=None,
)
GENERATION = GenerationEvent(index=1, best="g01c02", fitness=TRAINED.fitness, progress=None, spent=SpentView())


def test_the_live_line_says_everything() -> None:
    event = ProgressEvent(
        stage="checking",
        generation=1,
        generations=3,
        done=9,
        total=12,
        refused=1,
        best="g01c02",
        success=0.71,
        cost=0.84,
        max_cost=5.0,
        seconds_left=860,
    )
    assert progress_line(event) == (
        "gen 2/3 · checking · 9/12 candidates (1 refused) · best 0.71 (g01c02) · $0.84/$5.00 · 14:20 left"
    )


def test_the_live_line_leaves_out_what_is_not_known() -> None:
    assert progress_line(ProgressEvent(stage="measuring")) == "measuring"
    event = ProgressEvent(stage="training", done=250_000, total=1_000_000, counted="steps")
    assert progress_line(event) == "training · 25 % of 1,000,000 steps"


def test_what_is_counted_is_called_by_its_name() -> None:
    event = ProgressEvent(stage="asking what success is", generations=5, done=0, total=8, counted="drafts")
    assert progress_line(event) == "asking what success is · 0/8 drafts"


def test_without_a_terminal_there_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Output(Globals())) as progress:
        for event in (STARTED, REFUSED, TRAINED, GENERATION):
            progress(event)
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "compose is not an LLM" in streams.err
    assert "g01c03 refused\n    error static.field: line 4: reads next_state.height\n" in streams.err
    assert "g01c02 trained: success 0.71 [0.6, 0.8]" in streams.err
    assert "g01: best of the run so far g01c02" in streams.err
    assert "\x1b" not in streams.err
    assert progress.folder == STARTED.folder


def test_without_a_terminal_only_what_is_new_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Output(Globals())) as progress:
        for _ in range(5):
            progress(ProgressEvent(stage="checking", generation=0, generations=2, done=0, total=4))
        for done in range(0, 100, 10):
            progress(ProgressEvent(stage="measuring", done=done, total=100, counted="steps"))
    assert capsys.readouterr().err.splitlines() == [
        "gen 1/2 · checking · 0/4 candidates",
        "measuring · 0 % of 100 steps",
        "measuring · 30 % of 100 steps",
        "measuring · 50 % of 100 steps",
        "measuring · 80 % of 100 steps",
    ]


def test_with_json_stdout_is_the_events_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Output(Globals(json=True))) as progress:
        for event in (STARTED, ProgressEvent(stage="training"), TRAINED, GENERATION):
            progress(event)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["started", "candidate", "generation"]
    assert lines[0]["run"] == STARTED.run
    assert "message" not in lines[0]


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Output(Globals(quiet=True))) as progress:
        for event in (STARTED, TRAINED, ProgressEvent(stage="training")):
            progress(event)
    streams = capsys.readouterr()
    assert (streams.out, streams.err) == ("", "")


def test_while_nothing_succeeds_the_progress_is_told() -> None:
    event = ProgressEvent(stage="training", best="g00c01", success=0.0, progress=0.125)
    assert "best 0, progress 0.125 (g00c01)" in progress_line(event)
    assert "progress" not in progress_line(event.model_copy(update={"success": 0.5}))
