"""A run as people and programs see it, read from its events."""

from __future__ import annotations

from pathlib import Path

from autoreward.analyzer import written
from autoreward.errors import NoValidCandidateError, UnknownNameError
from autoreward.ledger import Run
from autoreward.ledger.lock import lock_holder
from autoreward.records import FinalReport, Fitness
from autoreward.search.best_reward import PICTURE
from autoreward.search.budget import spent
from autoreward.search.clips import clip_file
from autoreward.search.events import FINAL, STOPPED, Stopped
from autoreward.search.leaderboard import Standing, best_of, standings
from autoreward.search.session import Session
from autoreward.views import (
    BaselinesView,
    BestView,
    CandidateReport,
    FinishedEvent,
    RunReport,
    RunSummary,
    SpentReport,
    StartedReport,
)


def run_report(run: Run, candidate: str | None = None, held: bool = False) -> RunReport:
    """Everything `show` prints of a run.

    Args:
        candidate: also its source and analysis.
        held: the caller holds the run.

    Raises:
        UnknownNameError: the run has no such candidate.
    """
    known = standings(run, run.settings.design.evaluation_episodes)
    report = final_report(run)
    task = run.task
    asked = _named(known, candidate) if candidate is not None else None
    best = best_of(known)
    picture = run.path / PICTURE
    video = run.path / clip_file(best.candidate.id) if best else None
    return RunReport(
        run=run.id,
        status=status(run, held),
        task=task.name or task.text,
        env=task.env,
        best=best_view(run, best, report),
        baselines=baselines_view(report),
        candidates=tuple(_candidate_report(item) for item in known),
        spent=spent_report(run),
        folder=str(run.path),
        picture=str(picture) if picture.is_file() else None,
        video=str(video) if video is not None and video.is_file() else None,
        selection=report.selection if report else None,
        graded=_graded(best, report),
        unit=task.metric.unit if task.metric else "1",
        reference=task.metric.reference if task.metric else None,
        source=asked.candidate.source if asked else None,
        analysis=written(asked.analysis, for_prompt=False) if asked and asked.analysis else None,
    )


def summary(run: Run) -> RunSummary:
    """One line of `list`."""
    task = run.task
    best = best_of(standings(run, run.settings.design.evaluation_episodes))
    report = final_report(run)
    fresh = report.fresh if report and best and report.candidate == best.candidate.id else None
    first = next(iter(run.events()), None)
    return RunSummary(
        run=run.id,
        created=first.created if first else "",
        env=task.env,
        task=task.name or task.text,
        status=status(run),
        best=best.candidate.id if best else None,
        fitness=fresh or (best.fitness if best else None),
    )


def status(run: Run, held: bool = False) -> str:
    """running, done, budget, interrupted, ... or "killed" where a sitting never ended.

    Args:
        held: the caller holds the run, so its lock says nothing.
    """
    if not held and lock_holder(run.path) is not None:
        return "running"
    last = None
    for event in run.events():
        last = event
    if last is not None and last.kind == STOPPED:
        return last.record(Stopped).status
    return "killed"


def final_report(run: Run) -> FinalReport | None:
    """The newest report on fresh seeds."""
    events = [event.record(FinalReport) for event in run.events(FINAL)]
    return max(events, key=lambda report: report.after_generation, default=None)


def best_view(run: Run, best: Standing | None, report: FinalReport | None) -> BestView | None:
    """The best candidate: on fresh seeds where it was measured there, else as selected."""
    if best is None:
        return None
    measured = report is not None and report.candidate == best.candidate.id
    fresh = (report.fresh, report.fresh_progress) if report and measured else (best.fitness, best.progress)
    return BestView(
        candidate=best.candidate.id,
        file=str(run.path / "best" / "reward.py"),
        fitness=fresh[0],
        progress=fresh[1],
    )


def baselines_view(report: FinalReport | None) -> BaselinesView:
    """The reference policies."""
    if report is None:
        return BaselinesView()
    return BaselinesView(**{name: result.fitness for name, result in report.baselines.items()})


def _graded(best: Standing | None, report: FinalReport | None) -> dict[str, Fitness]:
    """Progress of the best ("best", "selection") and of the baselines, where it was measured."""
    found = {name: result.progress for name, result in report.baselines.items()} if report else {}
    if best is not None:
        measured = report is not None and report.candidate == best.candidate.id
        found |= {"best": report.fresh_progress if report and measured else best.progress, "selection": best.progress}
    return {name: progress for name, progress in found.items() if progress is not None}


def spent_report(run: Run, running_since: float | None = None) -> SpentReport:
    """What the run has used."""
    return SpentReport(**spent(run, running_since).model_dump(exclude={"evaluation_steps"}))


def standing_of(run: Run, candidate: str | None) -> Standing | None:
    """A candidate by its id, or the best; None where nothing has been trained."""
    known = standings(run, run.settings.design.evaluation_episodes)
    return _named(known, candidate) if candidate is not None else best_of(known)


def best_candidate(folder: Path) -> str:
    """The id of the best candidate of a run.

    Raises:
        NoValidCandidateError: nothing has been trained.
    """
    with Run.open(folder, write=False) as run:
        best = standing_of(run, None)
        if best is None:
            raise NoValidCandidateError(f"{run.id}: no candidate was trained.", f"See why: autoreward show {run.id}")
        return best.candidate.id


def _named(known: list[Standing], candidate: str) -> Standing:
    found = next((item for item in known if item.candidate.id == candidate), None)
    if found is None:
        raise UnknownNameError("candidate", candidate, [item.candidate.id for item in known])
    return found


def _candidate_report(standing: Standing) -> CandidateReport:
    return CandidateReport(
        id=standing.candidate.id,
        generation=standing.candidate.generation,
        parents=standing.candidate.parents,
        status=standing.status,
        fitness=standing.fitness,
        findings=standing.findings,
        progress=standing.progress,
    )


def started_event(session: Session) -> StartedReport:
    """The first line of a search."""
    design = session.settings.design
    return StartedReport(
        run=session.run.id,
        folder=str(session.run.path),
        env=session.env.name,
        task=session.task.name or session.task.text,
        designer=session.designer.name,
        candidates=design.candidates,
        generations=session.generations,
        seeds=design.seeds,
        n_timesteps=design.n_timesteps,
        message=session.designer_message,
    )


def finished_event(run: Run) -> FinishedEvent:
    """The last line of a search."""
    report = final_report(run)
    return FinishedEvent(
        run=run.id,
        status="done",
        best=best_view(run, standing_of(run, None), report),
        baselines=baselines_view(report),
        spent=spent_report(run),
    )
