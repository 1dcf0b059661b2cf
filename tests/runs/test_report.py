"""A run as people and programs see it, read from events that were written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from autoreward.errors import NoValidCandidateError, StorageError, UnknownNameError
from autoreward.ledger import Run
from autoreward.records import (
    Analysis,
    BaselineResult,
    FinalReport,
    Fitness,
    PairedDifference,
    Symptom,
    TermReport,
)
from autoreward.runs.report import find_accepted, find_entry, finished_event, run_report, status, summary
from autoreward.search.events import ANALYSIS, FINAL, STOPPED, Stopped
from autoreward.views import RunFiles, schemas
from tests.search.stored_run import REWARD, SOURCE, add_candidate, add_training, member, new_run

FRESH = Fitness(mean=0.8, low=0.7, high=0.9, seeds=5, episodes=50)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Two trained candidates and a refused one; the sitting never ended."""
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00")
        add_candidate(run, "g00c01")
        add_candidate(run, "g00c02", accepted=False)
        add_training(run, "g00", [member("g00c00", 0, 0.5, 0.6), member("g00c01", 0, 1.0, 0.7)])
    with Run.open(run.path, write=False) as reading:
        yield reading


def finish(run: Run, candidate: str) -> None:
    report = FinalReport(
        candidate=candidate, selection=None, fresh=FRESH, fresh_progress=FRESH,
        baselines={"human": BaselineResult(fitness=FRESH, progress=FRESH)}, after_generation=0,
    )  # fmt: skip
    with Run.open(run.path, write=True) as writing:
        writing.append(FINAL, "g00", report)
        writing.append(STOPPED, "", Stopped(status="done", seconds=1.0))


def test_a_sitting_without_an_end_was_killed(run: Run) -> None:
    assert status(run) == "killed"
    finish(run, "g00c01")
    assert status(run) == "done"


def test_the_best_is_shown_as_selected_until_it_is_measured(run: Run) -> None:
    before = run_report(run).best
    assert (
        before is not None and before.fitness is not None and (before.candidate, before.fitness.mean) == ("g00c01", 1)
    )
    finish(run, "g00c01")
    report = run_report(run)
    assert report.best is not None and report.best.fitness == FRESH
    assert report.baselines.human == FRESH and report.baselines.random is None
    assert report.graded["human"] == FRESH and report.graded["selection"].mean == 0.7
    assert finished_event(run).best == report.best
    assert summary(run).fitness == FRESH


def test_what_goes_on_is_said_by_how_it_ended(run: Run) -> None:
    name = str(run.path)
    assert run_report(run).next[0] == f"autoreward resume {name}"
    with Run.open(run.path, write=True) as writing:
        writing.append(STOPPED, "", Stopped(status="budget", seconds=1.0, larger="budget.max_tokens=4000"))
    assert run_report(run).next[0] == f"autoreward resume {name} --set budget.max_tokens=4000"
    finish(run, "g00c01")
    assert run_report(run).next[0] == f"autoreward show {name}:g00c01"


def test_no_run_brings_a_command_of_its_own(run: Run) -> None:
    with Run.open(run.path, write=True) as writing:
        stopped = Stopped(status="budget", seconds=1.0).model_copy(update={"larger": "budget.max_cost=1; rm -rf ~"})
        writing.append(STOPPED, "", stopped)
    with pytest.raises(StorageError, match="is not as it was written"):
        run_report(run)


def test_the_files_for_people_are_listed(run: Run) -> None:
    assert run_report(run).files == RunFiles()
    wanted = ("best/learning.png", "candidates/g00c01/video.mp4", "candidates/g00c00/terms/1_up.png")
    for name in (*wanted, "manual/g00.prompt.md", "manual/g00.reply.md"):
        (run.path / name).parent.mkdir(parents=True, exist_ok=True)
        (run.path / name).touch()
    files = run_report(run).files
    assert (files.learning, files.clips) == (str(run.path / wanted[0]), {"g00c01": str(run.path / wanted[1])})
    assert files.terms == (str(run.path / wanted[2]),)
    assert (files.prompts, files.replies) == tuple(
        (str(run.path / f"manual/g00.{one}.md"),) for one in ("prompt", "reply")
    )
    assert run_report(run).video == files.clips["g00c01"]


def test_the_winner_is_judged_against_random(run: Run) -> None:
    over = PairedDifference(fitness=FRESH, verdict="better")
    report = FinalReport(
        candidate="g00c01", selection=None, fresh=FRESH, fresh_progress=FRESH, baselines={}, over_random=over,
        after_generation=0,
    )  # fmt: skip
    with Run.open(run.path, write=True) as writing:
        writing.append(FINAL, "g00", report)
    best = run_report(run).best
    assert best is not None and best.over_random == over and '"over_random":{' in run_report(run).as_json()


def test_symptoms_and_terms_of_a_candidate_are_data(run: Run) -> None:
    term = TermReport(
        name="up", weight=2.0, share=1.0, low=0.0, high=1.0, start=0.1, end=0.9, correlation=0.5
    )  # fmt: skip
    symptom = Symptom(name="flat_term", evidence="term 'up' moves 0.7%.")
    analysis = Analysis(
        candidate="g00c01", fitness=FRESH, progress=None, curve=(), terms=(term,), total_correlation=None,
        episode_length=None, symptoms=(symptom,), trajectories=(),
    )  # fmt: skip
    with Run.open(run.path, write=True) as writing:
        writing.append(ANALYSIS, "g00c01", analysis)
    report = run_report(run, "g00c01")
    assert (report.candidate, report.symptoms, report.terms) == ("g00c01", (symptom,), (term,))
    printed = json.loads(report.as_json())
    assert printed["candidate"] == "g00c01" and printed["terms"][0]["share"] == 1.0
    assert printed["symptoms"] == [{"name": "flat_term", "evidence": "term 'up' moves 0.7%."}]
    jsonschema.validate(printed, schemas()["show"])
    assert run_report(run).candidate is None and run_report(run).terms == ()


def test_a_report_on_an_earlier_winner_is_not_the_best(run: Run) -> None:
    finish(run, "g00c00")
    best = run_report(run).best
    assert best is not None and best.candidate == "g00c01" and best.fitness != FRESH


def test_one_candidate_is_shown_with_its_source(run: Run) -> None:
    report = run_report(run, "g00c02")
    assert (report.source, report.analysis) == (SOURCE, None)
    assert [candidate.status for candidate in report.candidates] == ["trained", "trained", "refused"]
    with pytest.raises(UnknownNameError, match="g00c09"):
        run_report(run, "g00c09")


def test_what_is_exported_or_drawn_was_accepted(run: Run) -> None:
    best = find_entry(run, None)
    assert best is not None and best.id == "g00c01"
    entry, compiled = find_accepted(run, "g00c00", "export")
    assert (entry.id, compiled) == ("g00c00", REWARD)
    with pytest.raises(NoValidCandidateError, match="g00c02 has no reward that passed the critic"):
        find_accepted(run, "g00c02", "export")


def test_a_run_without_a_trained_candidate_has_no_best(tmp_path: Path) -> None:
    with new_run(tmp_path) as empty:
        assert find_entry(empty, None) is None
        with pytest.raises(NoValidCandidateError, match="the run has no reward"):
            find_accepted(empty, None, "draw")
        assert summary(empty).best is None
