"""Named failures with the numbers that show them. A new symptom is one function and its line in `SYMPTOMS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from autoreward.analyzer.change import middle_to_late, peak_to_late
from autoreward.analyzer.duplicates import find_duplicate
from autoreward.analyzer.episode_symptoms import farmed_state, no_positive_income, static_state, upside_down
from autoreward.analyzer.evidence import Evidence, moved
from autoreward.analyzer.term_symptoms import (
    dominant_term,
    flat_term,
    opposing_term,
    rare_term,
    saturated_term,
    spiky_term,
)
from autoreward.number_format import number
from autoreward.records import Symptom

OFTEN = 0.5  # share of late episodes that terminate
SHORT = 0.5  # of the horizon
LEVEL = 0.25  # of the rise over all of training: less than this since its middle is a plateau
APART = 0.5  # of the larger absolute success: how far the best and the worst seed must lie apart
APART_SIGMA = 3.0  # and of the standard error of their difference, over their evaluation episodes


def symptoms_of(evidence: Evidence) -> tuple[Symptom, ...]:
    """Every symptom there is, the most telling first; what another one says already is left out."""
    symptoms = [symptom for find in SYMPTOMS for symptom in find(evidence)]
    said = {name for symptom in symptoms for name in SAYS_TOO.get(symptom.name, ())}
    return tuple(symptom for symptom in symptoms if symptom.name not in said)


def reward_hacking(evidence: Evidence) -> list[Symptom]:
    """Own return rises while success does not: since the success was highest, or over all of training."""
    text = _hacking_since_peak(evidence) or _hacking_all_along(evidence)
    return [Symptom(name="reward_hacking", evidence=text)] if text else []


def _hacking_since_peak(evidence: Evidence) -> str:
    episodes = evidence.recordings.episodes
    since_peak = peak_to_late(episodes.env_steps, episodes.success, episodes.own_return)
    if since_peak is None or not (since_peak[1].falls_from_peak and since_peak[2].rises):
        return ""
    step, fall, rise = since_peak
    return f"since step {step} {moved('own return', rise)}, {moved('success', fall)}."


def _hacking_all_along(evidence: Evidence) -> str:
    own_return, success = evidence.trend("own_return"), evidence.trend("success")
    progress = evidence.trend("progress")
    if own_return is None or success is None or not own_return.rises or evidence.solved:
        return ""
    if success.hints_at_rise or (progress and progress.hints_at_rise):
        return ""
    graded = f", {moved('progress', progress)}" if progress else ""
    return f"{moved('own return', own_return)}, {moved('success', success)}{graded}."


def no_progress(evidence: Evidence) -> list[Symptom]:
    """Neither success nor progress is higher at the end of training than at its start."""
    success, progress = evidence.trend("success"), evidence.trend("progress")
    if success is None or success.hints_at_rise or evidence.solved or (progress and progress.hints_at_rise):
        return []
    text = moved("success", success) + (f", {moved('progress', progress)}" if progress else "")
    return [Symptom(name="no_progress", evidence=f"{text} (first to last fifth of the episodes).")]


def early_termination(evidence: Evidence) -> list[Symptom]:
    """Most late episodes terminate long before the horizon; not where a shorter episode is the better one.

    Nor where the policies solve the task without the noise with which they explore.
    """
    terminated, length = evidence.trend("terminated"), evidence.trend("length")
    if terminated is None or length is None or evidence.solved_in_evaluation:
        return []
    success, horizon = evidence.trend("success"), evidence.env.horizon
    goal_reached = success is not None and success.hints_at_rise and length.after < length.before
    if terminated.after < OFTEN or length.after > SHORT * horizon or goal_reached:
        return []
    text = f"{terminated.after:.0%} of the late episodes terminate, after {number(length.after)} of {horizon} steps."
    return [Symptom(name="early_termination", evidence=text)]


def unstable(evidence: Evidence) -> list[Symptom]:
    """Members that failed, simulations that diverged."""
    members = evidence.recordings.members
    failed, diverged = sum(member.status == "failed" for member in members), sum(m.diverged for m in members)
    texts = [f"{failed} of {len(members)} seeds failed."] if failed else []
    if diverged:
        texts.append(f"the simulation diverged in {diverged} episodes.")
    return [Symptom(name="unstable", evidence=text) for text in texts]


def collapse(evidence: Evidence) -> list[Symptom]:
    """Own return, or success, fell clearly from its peak and did not come back; hacking has its own name."""
    episodes = evidence.recordings.episodes
    steps, own_return, success = episodes.env_steps, episodes.own_return, episodes.success
    since_peak = peak_to_late(steps, own_return, own_return)
    if since_peak is not None and since_peak[1].falls_from_peak:
        return [Symptom(name="collapse", evidence=f"{moved('own return', since_peak[1])} since step {since_peak[0]}.")]
    since_peak = peak_to_late(steps, success, own_return)
    if since_peak is None or not since_peak[1].falls_from_peak or since_peak[2].rises:
        return []
    text = f"{moved('success', since_peak[1])} since step {since_peak[0]}, {moved('own return', since_peak[2])}."
    return [Symptom(name="collapse", evidence=text)]


def plateau(evidence: Evidence) -> list[Symptom]:
    """Success rose, and in the second half of training it certainly rose much less: more steps would not help."""
    success = evidence.trend("success")
    episodes = evidence.recordings.episodes
    late = middle_to_late(episodes.env_steps, episodes.success)
    if success is None or late is None or not success.rises or evidence.solved:
        return []
    rise, at_most = success.after - success.before, late.after - late.before + 2.0 * late.error
    if at_most >= LEVEL * rise or late.falls_from_peak:
        return []
    text = f"{moved('success', success)} over all of training, but {moved('success', late)} since its middle."
    return [Symptom(name="plateau", evidence=text)]


def disagreeing_seeds(evidence: Evidence) -> list[Symptom]:
    """The best and the worst seed lie far apart: what was learned depends on luck."""
    measured = ((one.seed, evidence.recordings.evaluation(one.seed)) for one in evidence.recordings.trained)
    seeds = {seed: part.success for seed, part in measured if part is not None and len(part.success) > 1}
    if len(seeds) < 2:
        return []
    means = {seed: float(array.mean()) for seed, array in seeds.items()}
    worst, best = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    gap = means[best] - means[worst]
    error = float(np.sqrt(sum(np.var(seeds[seed], ddof=1) / len(seeds[seed]) for seed in (best, worst))))
    if gap <= APART * max(abs(means[best]), abs(means[worst])) or gap <= APART_SIGMA * error:
        return []
    text = ", ".join(f"{number(mean)} (seed {seed})" for seed, mean in means.items())
    return [Symptom(name="disagreeing_seeds", evidence=f"success in evaluation: {text}.")]


def duplicate(evidence: Evidence) -> list[Symptom]:
    """It pays the same as an earlier candidate."""
    symptom = find_duplicate(evidence.family) if evidence.family else None
    return [symptom] if symptom else []


SAYS_TOO: Mapping[str, tuple[str, ...]] = {
    "farmed_state": ("reward_hacking", "no_progress", "static_state", "saturated_term"),
    "reward_hacking": ("no_progress",),
    "upside_down": ("static_state",),
}
SYMPTOMS: tuple[Callable[[Evidence], list[Symptom]], ...] = (
    duplicate,
    farmed_state,
    reward_hacking,
    no_progress,
    no_positive_income,
    early_termination,
    upside_down,
    static_state,
    unstable,
    collapse,
    plateau,
    disagreeing_seeds,
    spiky_term,
    dominant_term,
    opposing_term,
    flat_term,
    saturated_term,
    rare_term,
)
