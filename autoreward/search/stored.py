"""A run's programs, checked again where they leave the ledger: a folder that was received or changed runs nothing."""

from __future__ import annotations

import re

from autoreward.critic.stored import stored_metric_errors, stored_reward_errors, stored_source_errors
from autoreward.errors import StorageError
from autoreward.ledger import Run
from autoreward.records import Candidate, CompiledMetric, CompiledSubtasks, EnvSpec, Finding, Verdict
from autoreward.search.entry import Entry
from autoreward.search.events import CANDIDATE, METRIC, SUBTASKS, VERDICT

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")  # names a folder of the run


def recheck_programs(run: Run, env: EnvSpec, measured: EnvSpec) -> None:
    """Check every accepted program of a run, and its metric, before it goes on.

    Args:
        env: what a designer sees.
        measured: what a metric sees.

    Raises:
        StorageError: one of them would not be accepted, or has an id that is none.
    """
    keys = {}
    for event in run.events(CANDIDATE):
        candidate = event.record(Candidate)
        if not _ID.fullmatch(candidate.id):
            raise _refused(run, f"a candidate has the id {candidate.id!r}", ())
        keys[event.key] = candidate
    for event in run.events(VERDICT):
        recheck_reward(run, env, keys.get(event.key), event.record(Verdict))
    for event in run.events(METRIC):
        if errors := stored_metric_errors(event.record(CompiledMetric), measured):
            raise _refused(run, "its metric would not be accepted", errors)
    for event in run.events(SUBTASKS):
        for name, compiled in event.record(CompiledSubtasks).programs.items():
            if errors := stored_metric_errors(compiled, measured):
                raise _refused(run, f"the subtask {name!r} of its metric would not be accepted", errors)


def recheck_reward(run: Run, env: EnvSpec, candidate: Candidate | None, verdict: Verdict) -> None:
    """Check one accepted program: its source, where it is a candidate's, and what was compiled from it.

    Raises:
        StorageError: it would not be accepted.
    """
    if verdict.reward is None:
        return
    errors: tuple[Finding, ...] = ()
    if candidate is not None:
        errors += stored_source_errors(candidate.source, env, run.settings.design.shaping_only)
    errors += stored_reward_errors(verdict.reward, env)
    if errors:
        raise _refused(run, f"{candidate.id if candidate else verdict.candidate} would not be accepted", errors)


def recheck_entry(run: Run, env: EnvSpec, entry: Entry) -> None:
    """`recheck_reward` of an entry of the leaderboard, and of its id.

    Raises:
        StorageError: it would not be accepted.
    """
    if not _ID.fullmatch(entry.id):
        raise _refused(run, f"a candidate has the id {entry.id!r}", ())
    if entry.verdict is not None:
        recheck_reward(run, env, entry.candidate, entry.verdict)


def _refused(run: Run, what: str, errors: tuple[Finding, ...]) -> StorageError:
    said = "; ".join(f"line {one.line}: {one.message}" if one.line else one.message for one in errors)
    return StorageError(
        f"Run {run.id}: {what}{': ' if said else ''}{said}.",
        "It was changed after the critic had accepted it, or stored by an older version: start a new run.",
    )
