"""One candidate of a run and all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from autoreward.records import (
    Analysis,
    Candidate,
    Finding,
    Fitness,
    MemberResult,
    Remark,
    RequirementShare,
    Verdict,
)
from autoreward.search.required import MET, shares

HUMAN = "human"  # what the human-written reward is called among contenders


@dataclass(frozen=True)
class Entry:
    """One candidate and all that is known of it."""

    candidate: Candidate
    verdict: Verdict | None
    members: tuple[MemberResult, ...]  # that were trained to select
    analysis: Analysis | None
    fitness: Fitness | None
    progress: Fitness | None
    remarks: tuple[Remark, ...] = ()  # what a language model says of it

    @property
    def id(self) -> str:
        """Of the candidate."""
        return self.candidate.id

    @property
    def recorded(self) -> bool:
        """Whether its training went far enough to leave recordings."""
        return any(member.env_steps for member in self.members)

    @property
    def failure(self) -> Finding | None:
        """Why its training failed, if it did."""
        return next((member.finding for member in self.members if member.status == "failed"), None)

    @property
    def stopped(self) -> Finding | None:
        """Why it did not go on at a rung, if it did not."""
        return next((member.finding for member in self.members if member.status == "stopped"), None)

    @property
    def successes(self) -> tuple[float, ...]:
        """Success on each seed; none where the candidate cannot be chosen."""
        return tuple(one.success for one in self._measured if one.success is not None)

    @property
    def progresses(self) -> tuple[float, ...]:
        """Progress on each seed; see `successes`."""
        return tuple(one.progress for one in self._measured if one.progress is not None)

    @property
    def _measured(self) -> tuple[MemberResult, ...]:
        return self.members if self.fitness is not None and self.status in ("trained", "stopped") else ()

    @property
    def subtasks(self) -> dict[str, float]:
        """The share of its evaluation episodes that do each subtask, mean over seeds."""
        measured = [member.subtasks for member in self.members if member.subtasks]
        names = dict.fromkeys(name for one in measured for name in one)
        return {name: sum(one.get(name, 0.0) for one in measured) / len(measured) for name in names}

    @property
    def required(self) -> tuple[RequirementShare, ...]:
        """How its evaluation episodes keep to what is required, mean over seeds."""
        return shares(self.members)

    @property
    def keeps_to_all(self) -> bool:
        """Whether enough of its evaluation episodes meet each requirement; True where nothing is required."""
        return all(one.met >= MET for one in self.required)

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
        trained = (finding for finding in (self.failure, self.stopped) if finding is not None)
        return (*checked, *map(_warning, self._of_meaning), *trained)

    @property
    def _of_meaning(self) -> tuple[Remark, ...]:
        return tuple(remark for remark in self.remarks if remark.kind == "meaning")


def _warning(remark: Remark) -> Finding:
    return Finding(rule="critic.llm", severity="warning", message=remark.text, remedy=remark.proposal)
