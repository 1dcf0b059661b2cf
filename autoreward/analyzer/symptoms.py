"""Named failures with the numbers that show them. A new symptom is one function and its line in `SYMPTOMS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autoreward.analyzer.change import Change, early_to_late, peak_to_late
from autoreward.analyzer.numbers import number
from autoreward.analyzer.recordings import Recordings
from autoreward.analyzer.terms import usual_ranges
from autoreward.records import EnvSpec, Symptom, TermReport

SOLVED = 0.95  # late progress from which a missing rise is no failure: there is nothing left to gain
DOMINANT = 0.9  # share of all income: what is left for the others is below the noise of a return
FLAT = 0.01  # of the largest weighted range: a term that moves this little cannot steer a policy
CONSTANT = 1e-6  # of its own size: a term whose values are equal up to rounding
OFTEN = 0.5  # share of late episodes that terminate
SHORT = 0.5  # of the horizon


@dataclass(frozen=True)
class Evidence:
    """What the symptoms are read from."""

    recordings: Recordings
    terms: tuple[TermReport, ...]
    env: EnvSpec

    def trend(self, quantity: str) -> Change | None:
        """Early to late training, over all finished episodes of all seeds."""
        steps = self.recordings.pooled("episodes_step")
        return early_to_late(steps, self.recordings.pooled(f"episodes_{quantity}"))


def symptoms_of(evidence: Evidence) -> tuple[Symptom, ...]:
    """Every symptom there is, the most telling first."""
    found = (symptom(evidence) for symptom in SYMPTOMS)
    return tuple(symptom for several in found for symptom in several)


def reward_hacking(evidence: Evidence) -> list[Symptom]:
    """Own return rises while success does not: since the success was highest, or over all of training."""
    text = _hacking_since_peak(evidence) or _hacking_all_along(evidence)
    return [Symptom(name="reward_hacking", evidence=text)] if text else []


def _hacking_since_peak(evidence: Evidence) -> str:
    pooled = evidence.recordings.pooled
    found = peak_to_late(pooled("episodes_step"), pooled("episodes_success"), pooled("episodes_own"))
    if found is None or not (found[1].falls_from_peak and found[2].rises):
        return ""
    step, fall, rise = found
    return f"since step {step} {_moved('own return', rise)}, {_moved('success', fall)}."


def _hacking_all_along(evidence: Evidence) -> str:
    own, success, progress = (evidence.trend(name) for name in ("own", "success", "progress"))
    if own is None or success is None or not own.rises or _solved(progress):
        return ""
    if success.hints_at_rise or (progress and progress.hints_at_rise):
        return ""
    return f"{_moved('own return', own)}, {_moved('success', success)}."


def no_progress(evidence: Evidence) -> list[Symptom]:
    """Neither success nor progress is higher at the end of training than at its start."""
    success, progress = evidence.trend("success"), evidence.trend("progress")
    if success is None or success.hints_at_rise or _solved(progress) or (progress and progress.hints_at_rise):
        return []
    text = _moved("success", success) + (f", {_moved('progress', progress)}" if progress else "")
    return [Symptom(name="no_progress", evidence=f"{text} (first to last fifth of the episodes).")]


def early_termination(evidence: Evidence) -> list[Symptom]:
    """Most late episodes terminate long before the horizon; not where a shorter episode is the better one."""
    terminated, length = evidence.trend("terminated"), evidence.trend("length")
    if terminated is None or length is None:
        return []
    success, horizon = evidence.trend("success"), evidence.env.horizon
    goal_reached = success is not None and success.hints_at_rise and length.after < length.before
    if terminated.after < OFTEN or length.after > SHORT * horizon or goal_reached:
        return []
    text = f"{terminated.after:.0%} of the late episodes terminate, after {number(length.after)} of {horizon} steps."
    return [Symptom(name="early_termination", evidence=text)]


def dominant_term(evidence: Evidence) -> list[Symptom]:
    """One of several terms makes almost all of the income."""
    paid = [term for term in evidence.terms if term.weight != 0.0]
    return [
        Symptom(
            name="dominant_term",
            evidence=f"term '{term.name}' makes {term.share:.0%} of the absolute weighted income of {len(paid)} terms.",
        )
        for term in paid
        if len(paid) > 1 and term.share > DOMINANT
    ]


def flat_term(evidence: Evidence) -> list[Symptom]:
    """A term that hardly moves, by itself or beside the largest one."""
    if not evidence.terms:
        return []
    ranges = usual_ranges(evidence.recordings)
    weighted = [abs(term.weight) * float(span) for term, span in zip(evidence.terms, ranges, strict=True)]
    largest = max(weighted)
    found = []
    for term, span, moved in zip(evidence.terms, ranges, weighted, strict=True):
        if span <= CONSTANT * max(1.0, abs(term.high)):
            text = f"term '{term.name}' is always {number(term.end)}."
        elif moved < FLAT * largest:
            largest_name = evidence.terms[weighted.index(largest)].name
            text = f"term '{term.name}' times its weight moves {moved / largest:.1%} as far as '{largest_name}'."
        else:
            continue
        found.append(Symptom(name="flat_term", evidence=text))
    return found


def unstable(evidence: Evidence) -> list[Symptom]:
    """Members that failed, simulations that diverged, an own return that collapsed."""
    members = evidence.recordings.members
    failed, diverged = sum(member.status == "failed" for member in members), sum(m.diverged for m in members)
    texts = [f"{failed} of {len(members)} seeds failed."] if failed else []
    if diverged:
        texts.append(f"the simulation diverged in {diverged} episodes.")
    steps, own = evidence.recordings.pooled("episodes_step"), evidence.recordings.pooled("episodes_own")
    found = peak_to_late(steps, own, own)
    if found is not None and found[1].falls_from_peak:
        texts.append(f"{_moved('own return', found[1])} since step {found[0]}.")
    return [Symptom(name="unstable", evidence=text) for text in texts]


SYMPTOMS: tuple[Callable[[Evidence], list[Symptom]], ...] = (
    reward_hacking,
    no_progress,
    early_termination,
    unstable,
    dominant_term,
    flat_term,
)


def _solved(progress: Change | None) -> bool:
    return progress is not None and progress.after >= SOLVED


def _moved(what: str, change: Change) -> str:
    return f"{what} {number(change.before)} -> {number(change.after)}"
