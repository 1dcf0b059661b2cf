"""Where a run stands, read from its events: every candidate with its fate, and the best of them.

Selection orders by (success, progress), mean over seeds; a tie goes to the earlier candidate. A candidate that was
stopped at a rung counts with what its policies could do then, measured on the same evaluation episodes as the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autoreward.intervals import interval
from autoreward.ledger import Run
from autoreward.records import (
    Analysis,
    Candidate,
    Finding,
    Fitness,
    MemberResult,
    TrainingResult,
    Verdict,
)
from autoreward.search.events import ANALYSIS, CANDIDATE, TRAINING, VERDICT


@dataclass(frozen=True)
class Standing:
    """One candidate and all that is known of it."""

    candidate: Candidate
    verdict: Verdict | None
    members: tuple[MemberResult, ...]
    analysis: Analysis | None
    fitness: Fitness | None
    progress: Fitness | None

    @property
    def failure(self) -> Finding | None:
        """Why its training failed, if it did."""
        return next((member.finding for member in self.members if member.status == "failed"), None)

    @property
    def stopped(self) -> Finding | None:
        """Why it did not go on at a rung, if it did not."""
        return next((member.finding for member in self.members if member.status == "stopped"), None)

    @property
    def status(self) -> str:
        """checking, refused, failed, accepted, stopped or trained."""
        if self.verdict is None:
            return "checking"
        if self.verdict.status != "accepted":
            return self.verdict.status
        if not self.members:
            return "accepted"
        return "failed" if self.failure else "stopped" if self.stopped else "trained"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the critic and the training had to say."""
        checked = self.verdict.findings if self.verdict else ()
        return (*checked, *(finding for finding in (self.failure, self.stopped) if finding is not None))


def standings(run: Run, episodes: int) -> list[Standing]:
    """Every candidate of a run with its last attempt, in order of id.

    Args:
        episodes: evaluation episodes a seed.
    """
    candidates: dict[str, tuple[str, Candidate]] = {}
    for event in run.events(CANDIDATE):
        candidate = event.record(Candidate)
        candidates[candidate.id] = (event.key, candidate)
    verdicts = {event.key: event.record(Verdict) for event in run.events(VERDICT)}
    members = training_members(run)
    analyses = {event.key: event.record(Analysis) for event in run.events(ANALYSIS)}
    made = []
    for name, (key, candidate) in sorted(candidates.items()):
        own = tuple(member for member in members if member.candidate == name and not is_final(member))
        success, progress = measured(own, episodes)
        made.append(Standing(candidate, verdicts.get(key), own, analyses.get(name), success, progress))
    return made


FINAL_SEED = 10_000  # reporting seeds start here; selection seeds stay below


def is_final(member: MemberResult) -> bool:
    """Whether a member was trained to report, on fresh seeds, not to select."""
    return member.seed >= FINAL_SEED


def training_members(run: Run) -> list[MemberResult]:
    """Every member that any training of the run has produced."""
    return [member for event in run.events(TRAINING) for member in event.record(TrainingResult).members]


def measured(members: Sequence[MemberResult], episodes: int) -> tuple[Fitness | None, Fitness | None]:
    """Success and progress over the seeds; None where a member failed or nothing was measured."""
    if any(member.status == "failed" or member.success is None for member in members):
        return None, None
    successes = [member.success for member in members if member.success is not None]
    progresses = [member.progress for member in members if member.progress is not None]
    return interval(successes, len(successes) * episodes), interval(progresses, len(progresses) * episodes)


def best_of(candidates: Sequence[Standing]) -> Standing | None:
    """The best candidate that was trained, to the end or to a rung."""
    measured = [one for one in candidates if one.status in ("trained", "stopped") and one.fitness is not None]
    return max(measured, key=_rank, default=None)


def _rank(standing: Standing) -> tuple[float, float]:
    success = standing.fitness.mean if standing.fitness else float("-inf")
    progress = standing.progress.mean if standing.progress else float("-inf")
    return success, progress
