"""Several candidates at once: which is the best of them and which the worst, as the pairs that this answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.people.ends import pairs_of_ends, verdicts
from autoreward.people.pairs import places
from autoreward.people.preferences import Ends, Statement, next_question, preferences
from autoreward.records import Choice
from autoreward.runs.preferences import Answer, give_answer, require_asked, require_watchable, say_preference
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.people_choice import choosable
from autoreward.views import PreferenceView, SeveralView

LEAST, MOST = 3, 4  # candidates of a round that are shown side by side


def several_to_show(folder: Path, rater: str, candidates: Sequence[str]) -> SeveralView:
    """Several candidates as they are shown to a rater, and what is asked about each two of them.

    Raises:
        UnknownNameError, UsageError: there is no such candidate, or no policy of it.
    """
    with Run.open(folder, write=False) as run:
        require_watchable(run, candidates)
        asked = [next_question(run, rater, *pair) for pair in combinations(sorted(candidates), 2)]
        shown = places(candidates, "|".join(asked))
        questions = [next_question(run, rater, *pair) for pair in combinations(shown, 2)]
        return SeveralView(run=run.id, rater=rater, shown=tuple(shown), questions=tuple(questions))


def round_to_show(folder: Path, rater: str) -> tuple[str, ...]:
    """The candidates of the newest generation that a rater can order at once; () where they are fewer than three.

    Those that this rater has not compared come first, so that what is left of a large generation is asked about next.
    """
    with Run.open(folder, write=False) as run:
        able = [entry.candidate for entry in choosable(read_leaderboard(run))]
        compared = {name for one in preferences(run) if one.rater == rater for name in (one.a, one.b)}
    newest = max((one.generation for one in able), default=0)
    names = sorted((one.id for one in able if one.generation == newest), key=lambda name: (name in compared, name))
    fresh = [name for name in names if name not in compared]
    return tuple(names[:MOST]) if len(names) >= LEAST and len(fresh) > 1 else ()


def give_choice(
    folder: Path, shown: Sequence[str], asked: Sequence[str], choice: Choice, *, rater: str, reasons: Sequence[str] = ()
) -> list[PreferenceView]:
    """Store what somebody chose among several that were shown together: all pairs that this answers.

    Nothing is stored unless all can be. Each is durable before the next is stored; a choice that is sent again stores
    those that are missing.

    Args:
        shown: from left to right.
        asked: the question about each two of them.
        reasons: why the best one is, or why all are alike.

    Raises:
        UsageError: it is no choice among them, or not what was asked.
        UnknownNameError, StorageError: there is no such candidate; the run cannot be written.
    """
    pairs = list(combinations(shown, 2))
    if not pairs or len(set(shown)) < len(shown) or len(asked) != len(pairs):
        raise UsageError("This is no answer about candidates that were shown.", "Ask again.")
    answers = [
        Answer(question, rater, pair, verdict, tuple(reasons) if choice.alike or choice.best in pair else ())
        for question, pair, verdict in zip(asked, pairs, verdicts(shown, choice), strict=True)
        if verdict is not None
    ]
    with Run.open(folder, write=False) as run:  # all or nothing: one of them may have been withdrawn meanwhile
        require_watchable(run, shown)
        for answer in answers:
            require_asked(run, answer)
    first, *others = answers
    stored = [give_answer(folder, first)]
    return stored + [give_answer(folder, replace(other, choice=stored[0].question)) for other in others]


def say_ends(folder: Path, ends: Ends, rater: str) -> list[PreferenceView]:
    """Store which of a generation somebody likes best and which least, as the pairs that this says.

    Raises:
        UnknownNameError, UsageError: there is no such candidate, no policy of it, or they are of two generations.
        StorageError: the run cannot be written.
    """
    with Run.open(folder, write=False) as run:
        require_watchable(run, (ends.best, ends.worst))
        board = read_leaderboard(run)
        both = [entry.candidate.generation for entry in board.entries if entry.id in (ends.best, ends.worst)]
        if both[0] != both[-1]:
            raise UsageError(
                f"{ends.best} and {ends.worst} are not of one generation.",
                f'"{ends.best} > {ends.worst}" says it of two.',
            )
        able = [entry.id for entry in choosable(board) if entry.candidate.generation == both[0]]
    # The metric may have put these two far behind: they are compared all the same.
    told = pairs_of_ends(list(dict.fromkeys((ends.worst, *able, ends.best))), ends.best, ends.worst)
    first = say_preference(folder, Statement(*told[0], "a", ends.reasons), rater)
    return [first, *(say_preference(folder, Statement(*pair, "a"), rater, first.question) for pair in told[1:])]
