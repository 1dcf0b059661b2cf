"""The pair that is asked about next, and what a person says to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autoreward.errors import AutorewardError, RenderingError, UnknownNameError, UsageError
from autoreward.ledger import Run
from autoreward.people import pairs
from autoreward.people.preferences import (
    Statement,
    keep,
    make_preference,
    next_question,
    preferences,
    read_reasons,
    withdraw_last,
)
from autoreward.people.taste import disputes
from autoreward.records import Judgement, Preference, TermSums
from autoreward.runs.clips import candidate_clip, clip_digest
from autoreward.search.events import TERM_SUMS
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.search.people_choice import choosable
from autoreward.views import PairView, PreferenceView
from autoreward.views.next_commands import run_name
from autoreward.views.people import preference_part


@dataclass(frozen=True)
class Answer:
    """What a rater says to a question about two candidates that were shown."""

    question: str
    rater: str
    shown: tuple[str, str]  # from left to right
    verdict: Judgement  # a: the left one
    reasons: tuple[str, ...] = ()
    choice: str | None = None  # the first question that the same choice answered; None: it is this one


def pair_to_show(folder: Path, rater: str, draw: bool = True) -> PairView:
    """The pair that a rater is asked about next, with their clips.

    Args:
        draw: clips that are missing, which takes some seconds.

    Raises:
        UsageError: the run has no two candidates whose policies can be compared.
    """
    with Run.open(folder, write=False) as run:
        candidates, told = [entry.id for entry in choosable(read_leaderboard(run))], preferences(run)
        if len(candidates) < 2:
            raise UsageError(
                f"{run.id}: {len(candidates)} of its candidates can be chosen; it takes two to compare.",
                f"See what became of them: autoreward show {run_name(folder)}",
            )
        disputed = _disputes(run, told, rater)
        pair = pairs.next_pair(candidates, told, rater, disputed)
        if pair is None:
            return PairView(run=run.id, rater=rater)
        question = next_question(run, rater, *pair)
        shown = pairs.sides(pair, question)
        clips, problem = _clips(run, shown) if draw else ({}, None)
        return PairView(
            run=run.id,
            rater=rater,
            question=question,
            shown=shown,
            clips=clips,
            problem=problem,
            remaining=pairs.remaining(candidates, told, rater, disputed),
        )


def give_answer(folder: Path, answer: Answer) -> PreferenceView:
    """Store an answer, durably; another one that was given to this question before stays, and is returned.

    Raises:
        UsageError: this question was never asked.
        UnknownNameError, StorageError: there is no such candidate; the run cannot be written.
    """
    with Run.open(folder, write=False) as run:
        require_asked(run, answer)
        given = make_preference(answer.question, answer.rater, answer.shown, answer.verdict).model_copy(
            update={
                "reasons": read_reasons(answer.reasons),
                "notes": _notes_made(run, answer),
                "shown": answer.shown,
                "choice": answer.choice,
                "clips": {name: digest for name in answer.shown if (digest := clip_digest(run, name))},
            }
        )
        stored = keep(run, given)
        return _view(run, stored, "stored" if stored == given else "answered before")


def require_asked(run: Run, answer: Answer) -> None:
    """Refuse an answer that cannot be stored, so that nothing of it is.

    Raises:
        UsageError: this question was never asked, or a candidate is no longer one that can be watched.
        UnknownNameError: there is no such candidate.
    """
    require_watchable(run, answer.shown)
    asked, _, next_number = next_question(run, answer.rater, *answer.shown).rpartition("/")
    about, _, number = answer.question.rpartition("/")
    if about != asked or not number.isdecimal():
        raise UsageError(f"{answer.question!r} is no question about {' and '.join(answer.shown)}.", "Ask again.")
    if int(number) > int(next_number):
        raise UsageError(f"{answer.question!r} was not asked yet.", "Ask again.")


def say_preference(folder: Path, statement: Statement, rater: str, choice: str | None = None) -> PreferenceView:
    """Store what somebody says without having been asked.

    Args:
        choice: the first question that the same choice among several answered; None: it is this one.

    Raises:
        UnknownNameError, UsageError: there is no such candidate, or no policy of it.
        StorageError: the run cannot be written.
    """
    shown = (statement.left, statement.right)
    with Run.open(folder, write=False) as run:
        require_watchable(run, shown)
        while True:
            question = next_question(run, rater, *shown)
            given = make_preference(question, rater, shown, statement.verdict)
            given = given.model_copy(update={"reasons": statement.reasons, "choice": choice})
            if keep(run, given) == given:  # else another process has just answered this one
                return _view(run, given, "stored")


def take_back(folder: Path, rater: str) -> list[PreferenceView]:
    """Take back what a rater said last, with all pairs that it answered.

    Raises:
        UsageError: there is none.
    """
    with Run.open(folder, write=False) as run:
        taken = withdraw_last(run, rater)
        if not taken:
            raise UsageError(f"{run.id}: {rater} has said nothing that could be taken back.", "--rater NAME: another.")
        return [_view(run, one, "withdrawn") for one in taken]


def watchable(leaderboard: Leaderboard) -> list[str]:
    """The candidates whose policies can be watched, in the order of their ids."""
    return [entry.id for entry in leaderboard.entries if entry.status in ("trained", "stopped")]


def require_watchable(run: Run, names: Sequence[str]) -> None:
    """Refuse candidates of which there is no policy.

    Raises:
        UnknownNameError, UsageError: there is no such candidate, or it was not trained.
    """
    leaderboard = read_leaderboard(run)
    known = watchable(leaderboard)
    for name in names:
        entry = leaderboard.find(name)
        if entry is None:
            raise UnknownNameError("candidate", name, known)
        if name not in known:
            raise UsageError(
                f"{name} was not trained ({entry.status}): there is no policy to be preferred.",
                f"Trained: {', '.join(known) or 'none'}.",
            )


def _notes_made(run: Run, answer: Answer) -> tuple[int, ...]:
    """The notes that a rater made on the two since their last answer that took up any."""
    taken = {note for one in preferences(run) for note in one.notes}
    mine = (note for note in run.notes() if note.rater == answer.rater and note.candidate in answer.shown)
    return tuple(note.id for note in mine if note.id not in taken)


def _disputes(run: Run, told: Sequence[Preference], rater: str) -> pairs.Disputed | None:
    """What tells the most disputed pair; None where no search has measured what the terms come to."""
    measured = [event.record(TermSums) for event in run.events(TERM_SUMS)]
    known = bool(measured) and len(measured[-1].sums) > 1
    return disputes(measured[-1], [one for one in told if one.rater == rater]) if known else None


def _clips(run: Run, shown: Sequence[str]) -> tuple[dict[str, str | None], str | None]:
    """The clip of each candidate, and why there is none of one."""
    clips: dict[str, str | None] = dict.fromkeys(shown)
    problem = None
    for name in shown:
        try:
            clips[name] = str(candidate_clip(run, name))
        except RenderingError as error:
            problem = f"{error.message} {error.remedy}"
            break  # nor of the others
        except AutorewardError as error:
            problem = error.message
    return clips, problem


def _view(run: Run, one: Preference, status: str) -> PreferenceView:
    candidates = [entry.id for entry in choosable(read_leaderboard(run))]
    told = preferences(run)
    left = pairs.remaining(candidates, told, one.rater, _disputes(run, told, one.rater))
    part = preference_part(one).model_dump()
    return PreferenceView.model_validate({**part, "run": run.id, "status": status, "remaining": left})
