"""A witness with eyes: a vision model looks at the best candidate's best and worst episode (`--judge MODEL`).

It is asked first what it sees, without being told the task, and then whether the sentence of success holds. What it
says never enters fitness; where it contradicts the metric, the run says so, and how the metric can be mended.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from numpy.typing import NDArray

from autoreward.designer.prompts import render_witness
from autoreward.designer.witness import parse_witness
from autoreward.environment.stills import STILLS
from autoreward.records import MetricSpec, Prompt, TaskSpec, WitnessBrief, WitnessReport
from autoreward.search.asking import LedgerAsker
from autoreward.search.clips import clip_file, episode_of
from autoreward.search.entry import Entry
from autoreward.search.events import WITNESS
from autoreward.search.final_evaluation import random_success
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.readers import SILENT, open_reader, why_silent
from autoreward.search.session import Session
from autoreward.views import NoteEvent
from autoreward.views.next_commands import run_name

EPISODES = ("best", "worst")
STAGE = "looking at clips"


def ask_witness(session: Session) -> None:
    """Have the best candidate so far looked at, once under each version of the metric.

    Raises:
        BudgetReachedError: what is left of a budget does not hold the call.
    """
    best, metric, run = read_leaderboard(session.run).best, session.task.metric, session.run
    if session.settings.llm.judge is None or best is None or metric is None:
        return
    key = run.measured_key(best.id)
    if run.get(WITNESS, key, WitnessReport) is not None:
        return
    frames = [frame for name in EPISODES for frame in session.clips.stills(partial(_movement, session, best.id, name))]
    if not frames:
        session.report_once("The witness saw nothing: no pictures of the best candidate can be drawn here.")
        return
    report = run.once(WITNESS, key, WitnessReport, partial(_ask, session, best, metric, tuple(frames)))
    _tell(session, report)


def tell_when_asked(session: Session) -> None:
    """Say of a witness that is not asked after each generation when it is."""
    judge = session.settings.llm.judge
    if judge is None:
        return
    if session.task.metric is None:
        session.report_once(f"--judge {judge} is not asked: there is no success metric that it could contradict.")
    elif session.settings.design.select != "metric":
        session.report_once(f"--judge {judge} is asked once people have compared the candidates of a generation.")


def witness_prompts(
    task: TaskSpec, frames: tuple[bytes, ...] = (), candidate: str = "", seen: str = ""
) -> list[Prompt]:
    """What the witness is asked: what it sees, then whether the sentence holds.

    Args:
        frames: of both episodes, in order; () where only the words are to be shown.
        candidate: the key of what it looks at.
        seen: what it answered to the first question.
    """
    meaning = task.metric.meaning if task.metric else ""
    brief = WitnessBrief(text=task.text, meaning=meaning, frames=len(frames) // 2 or STILLS)
    return render_witness(brief, frames, f"witness{candidate}", seen)


def _movement(session: Session, candidate: str, episode: str) -> NDArray[Any]:
    return episode_of(session.run, candidate, episode, None)[1]


def _ask(session: Session, best: Entry, metric: MetricSpec, frames: tuple[bytes, ...]) -> WitnessReport:
    judge = session.settings.llm.judge or ""
    try:
        report = _look(open_reader(session, judge), best, frames)
    except SILENT as error:
        return WitnessReport(model=judge, candidate=best.id, unread=why_silent(error, session, "--judge"))
    if report.unread:
        other = "another model" if report.seen else "a model that reads images"
        return report.model_copy(update={"unread": f"{report.unread.rstrip('.')}. Choose {other} with --judge."})
    random = random_success(session, best) if report.best == "yes" else None
    return report.model_copy(update={"contradicts": contradicts(report, best, metric, random)})


def _look(session: Session, best: Entry, frames: tuple[bytes, ...]) -> WitnessReport:
    """What the session's designer, a reader, sees and says."""
    asker = LedgerAsker(session, STAGE)
    key = session.run.measured_key(best.id).replace("/", "")
    (look,) = asker.keep(f"witness{key}", lambda: witness_prompts(session.task, frames, key)[:1])
    seen = asker.answer([look])[look.id]
    verdict = None
    if seen.status == "answered":
        (judge,) = asker.keep(f"witness{key}b", lambda: witness_prompts(session.task, frames, key, seen.text)[1:])
        verdict = asker.answer([judge])[judge.id]
    return parse_witness(seen, verdict, session.designer.name, best.id)


def contradicts(report: WitnessReport, best: Entry, metric: MetricSpec, random: float | None = None) -> bool:
    """Whether what was seen speaks against the metric, not only against the candidate.

    It does where the metric says that the candidate does it (its reference is reached, or there is none) and the
    witness sees that even its best episode does not; where the witness sees it in the worst episode and not in the
    best; and where it sees what the metric gives nothing for, or no more than the random policy has.

    Args:
        random: success of the random policy, where it is known.
    """
    if best.fitness is None:
        return False
    reached = metric.reference is None or best.fitness.mean >= metric.reference
    if report.best == "no":
        return reached or report.worst == "yes"
    nothing = 0.0 if random is None else max(0.0, random)
    return report.best == "yes" and not reached and best.fitness.mean <= nothing


def _tell(session: Session, report: WitnessReport) -> None:
    who = f"The witness {report.model}"
    if report.unread:
        session.on_event(NoteEvent(text=f"{who} says nothing of {report.candidate}: {report.unread}"))
        return
    said = f"does it in its best episode: {report.best}, in its worst: {report.worst}. {report.why}".rstrip()
    if not report.contradicts:
        session.on_event(NoteEvent(text=f"{who} on {report.candidate}: {said}"))
        return
    clip = session.clips.film(clip_file(report.candidate), partial(_movement, session, report.candidate, "first"))
    where = f" Its clip: {clip}." if clip else ""
    remedy = f'If the witness is right: autoreward metric {run_name(session.run.path)} --revise "what is wrong"'
    session.on_event(NoteEvent(text=f"{who} contradicts the metric on {report.candidate}: {said}{where} {remedy}"))
