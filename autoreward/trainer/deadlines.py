"""How long a process may say nothing, and what is said of a candidate whose program ended one."""

from __future__ import annotations

from dataclasses import dataclass

from autoreward.records import Finding


@dataclass(frozen=True)
class Deadlines:
    """How long [s] a worker may say nothing."""

    program: float = 120.0  # while a candidate's program runs; the critic allows it half a second on a rollout
    stage: float = 1_800.0  # in anything else: a rollout, an update, their compilation


def program_finding(rule: str, candidate: str, reason: str) -> Finding:
    """What is said of a candidate whose compiled program failed while it was trained."""
    return Finding(
        rule=rule,
        severity="error",
        message=f"{candidate}: its compiled program failed in training, and the others went on without it: {reason}",
        remedy="Write it with fewer and cheaper operations: no sorts, large constants or long unrolled loops.",
    )
