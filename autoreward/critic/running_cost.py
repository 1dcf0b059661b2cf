"""What a program takes on a full rollout, from two measured calls; the price of `sandbox.proof.cost` comes first."""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.records import Finding
from autoreward.reward.sandbox.proof.cost import FULL_ROWS
from autoreward.reward.sandbox.replies import Measured

TIME_LIMIT = 0.5  # [s] of CPU time; twice what the static price allows, so that a busy machine decides nothing
MEMORY_LIMIT = 1_000_000_000  # [bytes]


def running_cost_findings(rows: Sequence[int], measured: Sequence[Measured], full: int = FULL_ROWS) -> list[Finding]:
    """Findings of a program that would take too long, or too much memory, on a full rollout.

    Args:
        rows: the sizes of a small and a large batch.
        measured: what a call took on each.
        full: the size of a full rollout, in the same unit.
    """
    seconds = _extrapolated(rows, [one.seconds for one in measured], full)
    memory = _extrapolated(rows, [float(one.bytes) for one in measured], full)
    findings = []
    if seconds > TIME_LIMIT:
        message = f"one evaluation of a rollout of {full} would take {seconds:.1f} s, at most {TIME_LIMIT} s"
        findings.append(_error(message, "Use fewer and smaller arrays; a sort costs most."))
    if memory > MEMORY_LIMIT:
        message = f"one evaluation of a rollout of {full} would need {memory / 1e9:.1f} GB, at most 1 GB"
        findings.append(_error(message, "Use smaller intermediate arrays."))
    return findings


def _extrapolated(rows: Sequence[int], values: Sequence[float], full: int) -> float:
    """The straight line through both points, at `full`; it never falls."""
    (small, large), (first, second) = rows, values
    slope = max(second - first, 0.0) / (large - small)
    return second + slope * max(full - large, 0)


def _error(message: str, remedy: str) -> Finding:
    return Finding(rule="probe.cost", severity="error", message=message, remedy=remedy)
