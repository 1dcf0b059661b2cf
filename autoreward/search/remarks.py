"""What a language model says of a generation beside the numbers, where it is asked to: `--critic llm`, `--analyst llm`.

The critic of meaning reads the programs before they are trained, the analyst of trajectories reads the tables after it:
one call a generation each. What they say is shown and goes into the next prompts; it refuses and orders nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from autoreward.analyzer import render_analysis
from autoreward.designer.prompts import render_remarks
from autoreward.designer.remarks import parse_remarks
from autoreward.records import CandidateSummary, EnvSpec, Prompt, RemarkKind, Remarks, RemarksBrief, TaskSpec
from autoreward.search.asking import LedgerAsker
from autoreward.search.entry import Entry
from autoreward.search.events import REMARKS
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.preferred import told_task, with_traces
from autoreward.search.readers import SILENT, open_reader, why_silent
from autoreward.search.session import Session
from autoreward.views import NoteEvent

NAMES: dict[RemarkKind, str] = {"meaning": "critic", "trajectory": "analyst"}
READ = 4  # candidates of a generation whose tables the analyst reads, the best first


def read_meaning(session: Session, index: int, accepted: Sequence[str]) -> None:
    """Have the accepted programs of a generation read against the text, before they are trained."""
    if session.settings.design.critic == "llm" and accepted:
        entries = [entry for entry in read_leaderboard(session.run).entries if entry.id in accepted]
        _ask_once(session, index, "meaning", entries)


def read_trajectories(session: Session, index: int) -> None:
    """Have the tables of a generation's best candidates read."""
    ranked = read_leaderboard(session.run).of_generation(index).ranked
    if session.settings.design.analyst == "llm" and ranked:
        _ask_once(session, index, "trajectory", [entry for entry in ranked if entry.analysis][:READ])


def remarks_prompt(
    kind: RemarkKind, task: TaskSpec, env: EnvSpec, index: int, subjects: Sequence[CandidateSummary] = ()
) -> Prompt:
    """The prompt that asks for remarks on a generation."""
    meaning = task.metric.meaning if task.metric else ""
    brief = RemarksBrief(text=task.text, meaning=meaning, env=env, subjects=tuple(subjects))
    return render_remarks(brief, kind, _key(kind, index))


def _key(kind: RemarkKind, index: int) -> str:
    return f"g{index:02d}{NAMES[kind]}"


def _ask_once(session: Session, index: int, kind: RemarkKind, entries: Sequence[Entry]) -> None:
    key, run = _key(kind, index), session.run
    told = run.get(REMARKS, key, Remarks) is not None
    remarks = run.once(REMARKS, key, Remarks, partial(_ask, session, index, kind, entries))
    if told:
        return
    if remarks.unread:
        session.on_event(NoteEvent(text=f"The {NAMES[kind]} of generation {index} said nothing: {remarks.unread}"))
    for one in remarks.remarks:
        session.on_event(NoteEvent(text=f"{one.candidate} {one.in_words}"))


def _ask(session: Session, index: int, kind: RemarkKind, entries: Sequence[Entry]) -> Remarks:
    subjects = [_subject(session, entry, kind) for entry in entries]
    task = told_task(session.task, session.settings)
    write = partial(remarks_prompt, kind, task, session.env, index, subjects)
    try:
        asker = LedgerAsker(open_reader(session), "reading")
        (prompt,) = asker.keep(_key(kind, index), lambda: [write()])
        remarks = parse_remarks(asker.answer([prompt])[prompt.id], kind, [entry.id for entry in entries])
    except SILENT as error:
        return Remarks(unread=why_silent(error, session))
    if not remarks.unread:
        return remarks
    cure = f"Choose another model with --model, or leave --{NAMES[kind]} llm out."
    return Remarks(unread=f"{remarks.unread.rstrip('.')}. {cure}")


def _subject(session: Session, entry: Entry, kind: RemarkKind) -> CandidateSummary:
    """A candidate as it is read: its program, and for the analyst its tables."""
    if session.settings.design.select == "people":
        return with_traces(entry)
    metric, analysis = session.task.metric, ""
    if kind == "trajectory" and entry.analysis is not None:
        unit, reference = (metric.unit, metric.reference) if metric else ("1", None)
        analysis = render_analysis(entry.analysis, True, unit, reference)
    return CandidateSummary(
        id=entry.id,
        source=entry.candidate.source,
        status=entry.status,
        analysis=analysis,
        subtasks=tuple(entry.subtasks.items()),
    )
