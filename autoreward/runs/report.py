"""A run as people and programs see it, read from its events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autoreward.analyzer import render_analysis
from autoreward.config import DesignSettings
from autoreward.designer.manual import FOLDER as MANUAL_FOLDER
from autoreward.errors import AutorewardError, NoValidCandidateError, UnknownNameError
from autoreward.ledger import Run
from autoreward.ledger.lock import lock_holder
from autoreward.ledger.run import PERSON_KINDS, version_prefix
from autoreward.people.preferences import preferences
from autoreward.plain_text import plain_line
from autoreward.records import CompiledReward, Confirmation, FinalReport, Fitness, MetricSpec, WitnessReport
from autoreward.runs.choice import compare_choices, strengths_of_compared
from autoreward.search.best_reward import PICTURE
from autoreward.search.budget import count_spent
from autoreward.search.certainty import judge_certainty
from autoreward.search.clips import TERM_PICTURES, clip_file
from autoreward.search.entry import Entry
from autoreward.search.events import CONFIRMED, FINAL, STOPPED, WITNESS, Stopped
from autoreward.search.leaderboard import read_leaderboard, stored_properties
from autoreward.views import (
    BaselinesView,
    BestView,
    CandidateReport,
    FinishedEvent,
    RunFiles,
    RunReport,
    RunSummary,
    SpentReport,
)
from autoreward.views.next_commands import next_commands, run_name

UNREADABLE = "unreadable"  # the status of a run of which nothing can be read


def run_report(run: Run, candidate: str | None = None, held: bool = False) -> RunReport:
    """Everything `show` prints of a run.

    Args:
        candidate: also its source and analysis.
        held: the caller holds the run.

    Raises:
        UnknownNameError: the run has no such candidate.
    """
    leaderboard = read_leaderboard(run)
    report = final_report(run)
    task = run.task
    chosen = find_entry(run, candidate) if candidate is not None else None
    best, properties = leaderboard.best, stored_properties(run)
    ended, larger, message = _ended(run, held)
    told = preferences(run)
    strong = strengths_of_compared(leaderboard, told)
    files = run_files(run, [entry.id for entry in leaderboard.entries])
    return RunReport(
        run=run.id,
        status=ended,
        message=message,
        task=task.name or task.text,
        env=task.env,
        best=best_view(run, best, report),
        baselines=baselines_view(report),
        choice=compare_choices(run, leaderboard, told),
        candidates=tuple(_candidate_report(entry, strong.get(entry.id)) for entry in leaderboard.entries),
        certainty=judge_certainty(run, leaderboard),
        confirmation=_confirmation(run),
        spent=spent_report(run),
        folder=str(run.path),
        files=files,
        next=next_commands(run.path, best.id if best else None, ended, larger, run.settings.design.select != "metric"),
        video=files.clips.get(best.id) if best else None,
        selection=report.selection if report else None,
        graded=_graded(best, report),
        metric=task.metric.meaning if task.metric else None,
        metric_origin=task.metric.origin if task.metric else None,
        metric_digest=task.metric.digest if task.metric else None,
        metric_version=run.metric_version,
        properties=len(properties.kept) if properties else 0,
        properties_digest=properties.digest if properties else None,
        witness=run.get(WITNESS, run.measured_key(best.id), WitnessReport) if best else None,
        unit=task.metric.unit if task.metric else "1",
        reference=task.metric.reference if task.metric else None,
        **(_about(chosen, task.metric, run.settings.design) if chosen else {}),
    )


def _confirmation(run: Run) -> Confirmation | None:
    """The last one, as the present version of the metric measures it."""
    prefix = version_prefix(run.metric_version)
    known = [event.record(Confirmation) for event in run.events(CONFIRMED) if event.key.startswith(f"{prefix}g")]
    return known[-1] if known else None


def _about(entry: Entry, metric: MetricSpec | None, design: DesignSettings) -> dict[str, Any]:
    """What `show` has of one candidate: in words, and as data."""
    analysis = entry.analysis
    return {
        "candidate": entry.id,
        "source": entry.candidate.source,
        "learned": _learned(entry, design),
        "plan": entry.candidate.plan or None,
        "analysis": _written(entry, metric),
        "symptoms": analysis.symptoms if analysis else (),
        "terms": analysis.terms if analysis else (),
    }


def _learned(entry: Entry, design: DesignSettings) -> str | None:
    """Whether the weights of a candidate were learned; None where they are fixed, or nothing was trained."""
    if not design.learns_weights or not entry.members:
        return None
    how, members = "--adapt" if design.adapt else f"--combine {design.combine}", len(entry.members)
    learned = sum(bool(member.weights) for member in entry.members)
    if not learned:
        return f"{how}: nothing was learned, the weights of the program were paid."
    others = "" if learned == members else "; the others were paid by those of the program"
    return f"{how}: {learned} of {members} policies learned their weights{others}."


def run_files(run: Run, candidates: Sequence[str]) -> RunFiles:
    """What a run holds for people to look at."""

    def there(pattern: str) -> tuple[str, ...]:
        return tuple(sorted(str(path) for path in run.path.glob(pattern) if path.is_file()))

    clips = {name: run.path / clip_file(name) for name in candidates}
    return RunFiles(
        learning=next(iter(there(PICTURE)), None),
        clips={name: str(path) for name, path in clips.items() if path.is_file()},
        terms=there(f"candidates/*/{TERM_PICTURES}/*.png"),
        prompts=there(f"{MANUAL_FOLDER}/*.prompt.md"),
        replies=there(f"{MANUAL_FOLDER}/*.reply.md"),
    )


def _written(entry: Entry, metric: MetricSpec | None) -> str | None:
    """The analysis of a candidate for a person; None where it was not trained."""
    if entry.analysis is None:
        return None
    unit, reference = (metric.unit, metric.reference) if metric else ("1", None)
    return render_analysis(entry.analysis, False, unit, reference)


def summary_of(path: Path) -> RunSummary:
    """One line of `list`: of a run, or of a folder that cannot be read as one, with the reason."""
    try:
        with Run.open(path, write=False) as run:
            return summary(run)
    except (AutorewardError, ValueError, OSError) as error:  # whatever somebody put there, the other runs are listed
        problem = error.message if isinstance(error, AutorewardError) else plain_line(str(error))
        return RunSummary(
            run=path.name, created="", env="", task="", status=UNREADABLE, best=None, fitness=None, problem=problem
        )


def summary(run: Run) -> RunSummary:
    """What one run says in `list`."""
    task = run.task
    best = read_leaderboard(run).best
    report = final_report(run)
    fresh = report.fresh if report and best and report.candidate == best.id else None
    first = next(iter(run.events()), None)
    return RunSummary(
        run=run.id,
        created=first.created if first else "",
        env=task.env,
        task=task.name or task.text,
        status=status(run),
        best=best.id if best else None,
        fitness=fresh or (best.fitness if best else None),
    )


def status(run: Run, held: bool = False) -> str:
    """running, done, budget, interrupted, ... or "killed" where a sitting never ended.

    Args:
        held: the caller holds the run, so its lock says nothing.
    """
    return _ended(run, held)[0]


def _ended(run: Run, held: bool) -> tuple[str, str, str]:
    """The status, the setting of a larger budget where one ended it, and why it ended where it did not by itself."""
    if not held and lock_holder(run.path) is not None:
        return "running", "", ""
    last = run.newest(without=PERSON_KINDS)  # anybody may say something afterwards
    if last is None or last.kind != STOPPED:
        return "killed", "", ""
    stopped = last.record(Stopped)
    return stopped.status, stopped.larger, stopped.message


def final_report(run: Run) -> FinalReport | None:
    """The newest report on fresh seeds under the present version of the metric."""
    prefix = run.measured_key("")
    mine = [event for event in run.events(FINAL) if event.key.rpartition("/")[0] == prefix.rpartition("/")[0]]
    events = [event.record(FinalReport) for event in mine]
    return max(events, key=lambda report: report.after_generation, default=None)


def best_view(run: Run, best: Entry | None, report: FinalReport | None) -> BestView | None:
    """The best candidate: on fresh seeds where it was measured there, else as selected."""
    if best is None:
        return None
    measured = report is not None and report.candidate == best.id
    fresh = (report.fresh, report.fresh_progress) if report and measured else (best.fitness, best.progress)
    return BestView(
        candidate=best.id,
        file=str(file) if (file := run.path / "best" / "reward.py").exists() else None,
        fitness=fresh[0],
        progress=fresh[1],
        difference=report.difference if report and measured else None,
        over_random=report.over_random if report and measured else None,
    )


def baselines_view(report: FinalReport | None) -> BaselinesView:
    """The reference policies."""
    if report is None:
        return BaselinesView()
    return BaselinesView(**{name: result.fitness for name, result in report.baselines.items()})


def _graded(best: Entry | None, report: FinalReport | None) -> dict[str, Fitness]:
    """Progress of the best ("best", "selection") and of the baselines, where it was measured."""
    graded = {name: result.progress for name, result in report.baselines.items()} if report else {}
    if best is not None:
        measured = report is not None and report.candidate == best.id
        graded |= {"best": report.fresh_progress if report and measured else best.progress, "selection": best.progress}
    return {name: progress for name, progress in graded.items() if progress is not None}


def spent_report(run: Run) -> SpentReport:
    """What the run has used."""
    return SpentReport(**count_spent(run).model_dump(exclude={"evaluation_steps"}))


def find_entry(run: Run, candidate: str | None) -> Entry | None:
    """A candidate by its id, or the best; None where nothing has been trained.

    Raises:
        UnknownNameError: the run has no such candidate.
    """
    leaderboard = read_leaderboard(run)
    if candidate is None:
        return leaderboard.best
    entry = leaderboard.find(candidate)
    if entry is None:
        raise UnknownNameError("candidate", candidate, [entry.id for entry in leaderboard.entries])
    return entry


def find_accepted(run: Run, candidate: str | None, purpose: str) -> tuple[Entry, CompiledReward]:
    """A candidate by its id, or the best, with its compiled reward.

    Args:
        purpose: what it is wanted for, "export".

    Raises:
        UnknownNameError: the run has no such candidate.
        NoValidCandidateError: the candidate has no reward that passed the critic, or the run has none.
    """
    entry = find_entry(run, candidate)
    if entry is None or entry.verdict is None or entry.verdict.reward is None:
        who = candidate or "the run"
        raise NoValidCandidateError(
            f"{run.id}: {who} has no reward that passed the critic, so there is nothing to {purpose}.",
            f"See why: autoreward show {run_name(run.path)}",
        )
    return entry, entry.verdict.reward


def _candidate_report(entry: Entry, preferred: float | None) -> CandidateReport:
    return CandidateReport(
        id=entry.id,
        generation=entry.candidate.generation,
        parents=entry.candidate.parents,
        status=entry.status,
        fitness=entry.fitness,
        findings=entry.findings,
        progress=entry.progress,
        remarks=entry.remarks,
        subtasks=entry.subtasks,
        required=entry.required,
        preferred=preferred,
    )


def finished_event(run: Run) -> FinishedEvent:
    """The last line of a search."""
    report = final_report(run)
    return FinishedEvent(
        run=run.id,
        status="done",
        best=best_view(run, read_leaderboard(run).best, report),
        baselines=baselines_view(report),
        spent=spent_report(run),
    )
