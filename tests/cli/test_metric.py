"""What a person reads of a metric that was found in a text, and how they answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest
import typer

from autoreward import api
from autoreward.cli.metric import TerminalReviewer, ask_about_metric, metric_lines
from autoreward.errors import UsageError
from autoreward.records import (
    DraftVerdict,
    Finding,
    Fitness,
    MetricAnswer,
    MetricDraft,
    MetricProposal,
    MetricQuestion,
    QuestionOption,
)
from autoreward.views import EpisodeView, schemas
from autoreward.views.metric import metric_event
from tests.cli.conftest import autoreward
from tests.loopback import LoopbackServer
from tests.search.test_metric_revision import asking, scripted

DRAFT = MetricDraft(id="m01", sentence="How far it got.", unit="m", reference=10.0, source="def success(): ...\n")
OTHER = DRAFT.model_copy(update={"id": "m02", "sentence": "How fast it was."})
FINDING = Finding(rule="metric.refused", severity="error", message="it names no field")
PROPOSAL = MetricProposal(
    text="Go.",
    verdicts=(
        DraftVerdict(draft=DRAFT, status="kept", cluster=0),
        DraftVerdict(draft=OTHER, status="kept", cluster=1),
        DraftVerdict(draft=OTHER.model_copy(update={"id": "m03"}), status="refused", reasons=(FINDING,)),
    ),
    chosen="m01",
    entropy=0.69,
)


def answers(monkeypatch: pytest.MonkeyPatch, *said: str) -> None:
    waiting = iter(said)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(waiting))


def test_the_metric_in_words_with_its_other_readings() -> None:
    lines = metric_lines(metric_event(PROPOSAL, DRAFT))
    assert lines[0] == "metric [m]  How far it got; good from 10 m"
    assert lines[1] == "3 drafts, 2 usable, 1 mean the same: the text can be read in several ways"
    assert lines[2:] == ["    m03 refused: it names no field", "    another reading: How fast it was."]


def test_what_the_metric_puts_first_is_named_with_its_clip_and_what_no_field_tells_is_said() -> None:
    shown = (EpisodeView(label="best", way="thrown", success=0.25, progress=0.1, clip="metric/m01_best.mp4"),)
    event = metric_event(PROPOSAL, DRAFT, shown).model_copy(update={"missing": ("the audience",)})
    assert metric_lines(event)[-1] == "    best without a reward: 0.25 m, thrown; clip metric/m01_best.mp4"
    assert "    no field tells: the audience" in metric_lines(event)


def test_other_words_where_no_draft_can_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, " stand still ")
    assert TerminalReviewer().reword("None of 2 drafts can be used.") == "stand still"
    assert "None of 2 drafts" in capsys.readouterr().err


@pytest.mark.parametrize(("said", "wrong"), [("", ""), ("yes", ""), (" it lies down ", "it lies down")])
def test_whether_the_best_does_what_was_meant(
    said: str, wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, said)
    fitness = Fitness(mean=2.5, low=None, high=None, seeds=1, episodes=10)
    assert TerminalReviewer().meant("g00c01", fitness, DRAFT.as_metric(), "video.mp4") == wrong
    shown = capsys.readouterr().err
    assert "The best so far is g00c01: 2.5 m. How far it got." in shown and "Its clip: video.mp4" in shown


def test_a_text_needs_an_environment_and_a_revision_a_run(tmp_path: Path) -> None:
    alone = autoreward(tmp_path, "metric", "Jump.", "--model", "openai/scripted")
    assert (alone.code, "No environment is named" in alone.err) == (2, True)
    nowhere = autoreward(tmp_path, "metric", "k3f9", "--revise", "it falls", "--model", "openai/scripted")
    assert (nowhere.code, "k3f9" in nowhere.err) == (2, True)


@pytest.mark.thorough
@pytest.mark.usefixtures("warm")
def test_a_revision_prints_what_show_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")
    with LoopbackServer(default=scripted) as server:
        settings = asking(server, tmp_path, generations=1)
        made = api.design("Keep the pole up.", env="inverted_pendulum", settings=settings)
        told = ("--model", "openai/scripted", "--base-url", server.url)
        planned = autoreward(tmp_path, "metric", made.folder, "--revise", "too fast", "--dry-run", *told)
        shown = autoreward(tmp_path, "metric", made.folder, "--revise", "too fast", *told)
        again = autoreward(tmp_path, "metric", made.folder, "--revise", "still too fast", "--json", *told)
    assert (planned.code, "--- v1m01" in planned.out, "too fast" in planned.out) == (0, True, True), planned.err
    assert shown.code == 0, shown.err
    assert "How slowly the cart moves" in shown.out and "revised once by a language model" in shown.out
    assert "From here on success is" in shown.err and "g00c00" in shown.out
    (line,) = [json.loads(one) for one in again.out.splitlines()]
    jsonschema.validate(line, schemas()["metric.revise"])
    assert (line["metric_version"], line["status"]) == (2, "revised")


@pytest.mark.parametrize("said", ["", "y", "Yes"])
def test_enter_accepts(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, said)
    assert ask_about_metric(PROPOSAL, "") == MetricAnswer(verdict="accepted", by="person")


def test_c_shows_the_program_and_words_are_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, "c", "not the distance, the height")
    answer = ask_about_metric(PROPOSAL, "it was no Python")
    assert answer == MetricAnswer(verdict="reworded", text="not the distance, the height", by="person")
    shown = capsys.readouterr().err
    assert "cannot be used: it was no Python" in shown and "def success" in shown


def test_e_opens_the_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text("import sys\nwith open(sys.argv[1], 'a') as file:\n    file.write('# mine\\n')\n")
    monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    answers(monkeypatch, "e")
    assert ask_about_metric(PROPOSAL, "") == MetricAnswer(verdict="edited", text=DRAFT.source + "# mine\n", by="person")


def test_an_editor_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    answers(monkeypatch, "e")
    with pytest.raises(UsageError, match="no-such-editor"):
        ask_about_metric(PROPOSAL, "")


def test_a_question_is_answered_by_number(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    options = (QuestionOption(text="far", drafts=("m01",)), QuestionOption(text="fast", drafts=("m02",)))
    answers(monkeypatch, "3", "fast", "2")
    assert TerminalReviewer().choose(MetricQuestion(text="What counts?", options=options), 0) == 1
    shown = capsys.readouterr().err
    assert "What counts?" in shown and "  2  fast" in shown and "'3' is none of them" in shown
