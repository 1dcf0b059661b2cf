"""How sure a search can be of its order, and what it would take to be sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from autoreward.estimates import DECIDED, Estimates, estimate
from autoreward.ledger import Run
from autoreward.records import Certainty, TrainingResult
from autoreward.search.budget import count_member_steps
from autoreward.search.entry import HUMAN, Entry
from autoreward.search.events import TRAINING
from autoreward.search.leaderboard import Leaderboard, read_leaderboard

Measured = Literal["success", "progress"]
Values = dict[str, tuple[float, ...]]  # one a seed, by contender


def contenders(board: Leaderboard) -> tuple[Measured, Estimates] | None:
    """The posterior of all that can be chosen, and of the human reward where it takes part.

    Returns:
        What is compared: success, or progress where no success differs; None where nothing can be said.
    """
    success, progress = contender_values(board)
    kinds: Mapping[Measured, Values] = {"success": success, "progress": progress}
    for kind, values in kinds.items():
        if (seen := estimate(values)) is not None:
            return kind, seen
    return None


def contender_values(board: Leaderboard) -> tuple[Values, Values]:
    """Success and progress on each seed of all that can be chosen, and of the human reward where it takes part."""
    able = [entry for entry in board.entries if entry.successes]
    success = {entry.id: entry.successes for entry in able}
    progress = {entry.id: entry.progresses for entry in able}
    if board.human and all(one.status == "trained" for one in board.human):
        success[HUMAN] = tuple(one.success for one in board.human if one.success is not None)
        progress[HUMAN] = tuple(one.progress for one in board.human if one.progress is not None)
    return success, progress


def judge_certainty(run: Run, board: Leaderboard | None = None) -> Certainty | None:
    """How far the order of a run, or of a part of it, can be trusted.

    Args:
        board: the part; None: all of the run.

    Returns:
        None for fewer than two candidates, and where all came to the same.
    """
    board = board or read_leaderboard(run)
    ranked, judged = board.ranked, contenders(board)
    if len(ranked) < 2 or judged is None:
        return None
    measured, seen = judged
    best, runner_up = ranked[0].id, ranked[1].id
    more = seen.seeds_to_decide(best, runner_up)
    steps = None if more is None else 2 * more * count_member_steps(run.settings)
    speed = _steps_a_second(run)
    return Certainty(
        measured=measured,
        reliability=seen.reliability if seen.counts.max() > 1 else None,
        best=best,
        probability_best=seen.probability_best,
        shrunken=seen.means,
        runner_up=runner_up,
        probability_beats_human=seen.probability_better(best, HUMAN) if HUMAN in seen.names else None,
        more_seeds=more,
        more_steps=steps,
        more_minutes=steps / speed / 60.0 if steps is not None and speed else None,
    )


def within_noise(entry: Entry, board: Leaderboard) -> bool:
    """Whether a candidate that is behind the best of a board may be better than it, with more than 5 %."""
    best = board.best
    if best is None or entry.id == best.id or not entry.successes:
        return False
    judged = contenders(board)
    return judged is None or judged[1].probability_better(entry.id, best.id) > 1.0 - DECIDED


def _steps_a_second(run: Run) -> float | None:
    """Of the trainings of the run so far."""
    results = [event.record(TrainingResult) for event in run.events(TRAINING)]
    seconds = sum(result.seconds for result in results)
    return sum(result.env_steps for result in results) / seconds if seconds > 0.0 else None
