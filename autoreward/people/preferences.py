"""Preferences as durable events: said in a line or answered to a question, withdrawn, and read again.

Nobody needs the run's lock for them: each is one transaction, whoever holds the lock reads them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.run import PREFERENCE, PREFERENCE_WITHDRAWN
from autoreward.people.notes import read_note
from autoreward.plain_text import plain_line
from autoreward.records import Judgement, Preference, Withdrawal

NAME_LIMIT = 40  # characters of a rater's name
REASONS_LIMIT = 12  # of one preference
TOLD = 12  # preferences of the next prompt
FORMS = (
    '"g01c02 > g01c03: smoother" (or <), "g01c02 = g01c03" where they are equally good, "g01c02 ! g01c03" where both '
    'are bad, "g01c02 > rest > g01c05" for best and worst of a generation; what stands behind the colon is the reason'
)
_STATEMENT = re.compile(r"(?P<left>[^<>=!:\s]+)\s*(?P<sign>[<>=!])\s*(?P<right>[^<>=!:\s]+)\s*(?::(?P<why>.*))?")
_VERDICTS: dict[str, Judgement] = {">": "a", "<": "b", "=": "tie", "!": "both_bad"}
_MIRRORED: dict[Judgement, Judgement] = {"a": "b", "b": "a", "tie": "tie", "both_bad": "both_bad"}


_ENDS = re.compile(r"(?P<best>[^<>=!:\s]+)\s*>\s*rest\s*>\s*(?P<worst>[^<>=!:\s]+)\s*(?::(?P<why>.*))?")


@dataclass(frozen=True)
class Ends:
    """Which of a generation somebody likes best, and which least: more than the rest, and less."""

    best: str
    worst: str
    reasons: tuple[str, ...] = ()  # why the best one is


@dataclass(frozen=True)
class Statement:
    """What somebody said of two candidates, in the order in which they were named."""

    left: str
    right: str
    verdict: Judgement  # a: the left one is better
    reasons: tuple[str, ...] = ()


def read_statement(text: str) -> Statement:
    """A preference as people type it: "g01c02 > g01c03: smoother".

    Raises:
        UsageError: it is none.
    """
    line = plain_line(text)
    found = _STATEMENT.fullmatch(line)
    if found is None:
        raise UsageError(f"{line!r} says of no two candidates which is better.", f"Say it like this: {FORMS}.")
    if found["left"] == found["right"]:
        raise UsageError(f"{found['left']} is compared with itself.", f"Name two candidates: {FORMS}.")
    why = (found["why"] or "").strip()
    return Statement(found["left"], found["right"], _VERDICTS[found["sign"]], (read_note(why),) if why else ())


def read_ends(text: str) -> Ends | None:
    """Best and worst of a generation as people type them: "g01c02 > rest > g01c05: smoother"; None if it is not that.

    Raises:
        UsageError: one candidate is both.
    """
    found = _ENDS.fullmatch(plain_line(text))
    if found is None:
        return None
    if found["best"] == found["worst"]:
        raise UsageError(f"{found['best']} is best and worst at once.", f"Name two candidates: {FORMS}.")
    why = (found["why"] or "").strip()
    return Ends(found["best"], found["worst"], (read_note(why),) if why else ())


def read_rater(name: str) -> str:
    """The name that somebody rates under, as it is stored.

    Raises:
        UsageError: it is none.
    """
    rater = plain_line(name)
    if not rater or len(rater) > NAME_LIMIT or "/" in rater:
        raise UsageError(
            f"{rater[:NAME_LIMIT]!r} is no name of a rater.", f"One of 1 to {NAME_LIMIT} characters, without a slash."
        )
    return rater


def read_reasons(reasons: Sequence[str]) -> tuple[str, ...]:
    """Reasons as they are stored, each one said once.

    Raises:
        UsageError: there are too many, or one is too long.
    """
    said = tuple(dict.fromkeys(read_note(reason) for reason in reasons if plain_line(reason)))
    if len(said) > REASONS_LIMIT:
        raise UsageError(f"{len(said)} reasons, at most {REASONS_LIMIT} are read.", "Say the ones that matter.")
    return said


def make_preference(question: str, rater: str, shown: Sequence[str], verdict: Judgement) -> Preference:
    """The answer to a question about two candidates.

    Args:
        shown: the two in the order in which the verdict names them: "a" is the first.
    """
    first, second = shown
    mirrored = first > second
    return Preference(
        question=question,
        a=min(shown),
        b=max(shown),
        verdict=_MIRRORED[verdict] if mirrored else verdict,
        rater=rater,
    )


# --- In the ledger ----------------------------------------------------------------------------------------


def preferences(run: Run) -> list[Preference]:
    """The preferences that count, oldest first."""
    withdrawn = {event.key for event in run.events(PREFERENCE_WITHDRAWN)}
    return [event.record(Preference) for event in run.events(PREFERENCE) if event.key not in withdrawn]


def next_question(run: Run, rater: str, one: str, other: str) -> str:
    """What a rater is asked about two candidates next; it stays the same until it is answered."""
    pair = f"{rater}/{min(one, other)}-{max(one, other)}/"
    return f"{pair}{sum(event.key.startswith(pair) for event in run.events(PREFERENCE))}"


def keep(run: Run, preference: Preference) -> Preference:
    """Stores the answer to a question, durably; the one that is stored, which is another where one was given before."""
    return run.once(PREFERENCE, preference.question, Preference, lambda: preference)


def said_at_once(told: Sequence[Preference], one: Preference) -> list[Preference]:
    """The preferences of the choice that one belongs to, oldest first: all pairs that a choice answers."""
    first = one.choice or one.question
    return [other for other in told if first in (other.question, other.choice)]


def withdraw_last(run: Run, rater: str) -> list[Preference]:
    """Takes back what a rater said last, with all pairs that it answered; [] where nothing counts."""
    mine = [one for one in preferences(run) if one.rater == rater]
    taken = said_at_once(mine, mine[-1]) if mine else []
    for one in taken:
        run.once(PREFERENCE_WITHDRAWN, one.question, Withdrawal, partial(Withdrawal, question=one.question))
    return taken


def in_prompts(told: Sequence[Preference], limit: int = TOLD) -> tuple[str, ...]:
    """What the next prompt tells of preferences: the newest with a reason first of all, oldest first, each once."""
    newest_first = sorted(enumerate(told), key=lambda item: (bool(item[1].reasons), item[0]), reverse=True)
    chosen = dict.fromkeys((place, one.in_words()) for place, one in newest_first[:limit])
    return tuple(dict.fromkeys(words for _, words in sorted(chosen)))
