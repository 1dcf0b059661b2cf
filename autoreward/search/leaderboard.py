"""The leaderboard of a run, read from its events: every candidate with its fate, in the order of whoever chooses.

A candidate that was stopped at a rung counts with what its policies could do then, measured on the same evaluation
episodes as the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from autoreward.intervals import interval
from autoreward.ledger import Run
from autoreward.ledger.run import version_key, version_prefix
from autoreward.records import Analysis, Candidate, Fitness, MemberResult, Properties, Remarks, TrainingResult, Verdict
from autoreward.search.entry import HUMAN, Entry
from autoreward.search.events import ANALYSIS, CANDIDATE, PROPERTIES, REMARKS, RESCORED, TRAINING, VERDICT
from autoreward.search.selection import Selection
from autoreward.search.selection_choice import choose_selection

FINAL_SEED = 10_000  # reporting seeds start here; selection seeds stay below
CONFIRM_SEED = 5_000  # those of selection on which the best of a race is confirmed start here


@dataclass(frozen=True)
class Leaderboard:
    """The candidates of a run, or of a part of it, in order of id, and who chooses among them."""

    entries: tuple[Entry, ...]
    selection: Selection
    human: tuple[MemberResult, ...] = ()  # of the human-written reward, where it takes part in the selection

    @property
    def best(self) -> Entry | None:
        """The best candidate that was trained, to the end or to a rung."""
        return next(iter(self.ranked), None)

    @property
    def ranked(self) -> list[Entry]:
        """The candidates that were trained, to the end or to a rung, best first."""
        return self.selection.rank(self.entries)

    @property
    def leaders(self) -> list[Entry]:
        """The candidates that the next generation is shown, the main parent first."""
        return self.selection.leaders(self.entries)

    def find(self, candidate: str | None) -> Entry | None:
        """The entry of a candidate, by its id."""
        return next((entry for entry in self.entries if entry.id == candidate), None)

    def of_generation(self, index: int | None) -> Leaderboard:
        """One generation's candidates."""
        return self._of(entry for entry in self.entries if entry.candidate.generation == index)

    def before(self, index: int) -> Leaderboard:
        """The candidates of all earlier generations."""
        return self._of(entry for entry in self.entries if entry.candidate.generation < index)

    def _of(self, entries: Iterable[Entry]) -> Leaderboard:
        return replace(self, entries=tuple(entries))


def read_leaderboard(run: Run) -> Leaderboard:
    """Every candidate of a run with its last attempt."""
    candidates: dict[str, tuple[str, Candidate]] = {}
    for event in run.events(CANDIDATE):
        candidate = event.record(Candidate)
        candidates[candidate.id] = (event.key, candidate)
    verdicts = {event.key: event.record(Verdict) for event in run.events(VERDICT)}
    trained = [member for member in training_members(run) if not is_final(member)]
    analyses = {event.key: event.record(Analysis) for event in run.events(ANALYSIS)}
    remarks = [remark for event in run.events(REMARKS) for remark in event.record(Remarks).remarks]
    episodes, prefix = run.settings.design.evaluation_episodes, version_prefix(run.metric_version)
    entries = []
    for name, (key, candidate) in sorted(candidates.items()):
        members = tuple(member for member in trained if member.candidate == name)
        success, progress = measure_fitness(members, episodes)
        analysis = analyses.get(f"{prefix}{name}")
        said = tuple(remark for remark in remarks if remark.candidate == name)
        entries.append(Entry(candidate, verdicts.get(key), members, analysis, success, progress, said))
    human = tuple(member for member in trained if member.candidate == HUMAN)
    return Leaderboard(tuple(entries), choose_selection(run), human)


def is_final(member: MemberResult) -> bool:
    """Whether a member was trained to report, on fresh seeds, not to select."""
    return member.seed >= FINAL_SEED


def training_members(run: Run) -> list[MemberResult]:
    """Every member that any training of the run has produced, as the present version of the metric measures it."""
    prefix = version_prefix(run.metric_version)
    anew = {event.key: event for event in run.events(RESCORED)} if prefix else {}
    events = [anew.get(f"{prefix}{event.key}", event) for event in run.events(TRAINING)]
    return [member for event in events for member in event.record(TrainingResult).members]


def measure_fitness(members: Sequence[MemberResult], episodes: int) -> tuple[Fitness | None, Fitness | None]:
    """Success and progress over the seeds; None where a member failed or nothing was measured.

    Args:
        members: of one candidate.
        episodes: evaluation episodes a seed.
    """
    if any(member.status == "failed" or member.success is None for member in members):
        return None, None
    successes = [member.success for member in members if member.success is not None]
    progresses = [member.progress for member in members if member.progress is not None]
    return interval(successes, len(successes) * episodes), interval(progresses, len(progresses) * episodes)


def stored_properties(run: Run) -> Properties | None:
    """The pairs that candidates are tested by now, or would be next; None where there are none."""
    return run.get(PROPERTIES, version_key(run.metric_version), Properties) or run.get(PROPERTIES, "", Properties)
