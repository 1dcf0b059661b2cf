"""`export`: a reward of a run as files that work without autoreward."""

from __future__ import annotations

from pathlib import Path

from autoreward.environment.random_rollout import open_environment
from autoreward.errors import NoValidCandidateError
from autoreward.ledger import Run
from autoreward.runs.report import final_report, standing_of
from autoreward.search.best_reward import write_export
from autoreward.views import ExportView


def export_run(folder: Path, candidate: str | None, directory: Path) -> ExportView:
    """Write a candidate, by default the best, to `directory`.

    Raises:
        UnknownNameError: the run has no such candidate.
        NoValidCandidateError: the candidate has no compiled reward, or the run has none.
        EnvironmentFailedError: a file of the environment's model is missing.
        StorageError: the directory cannot be written.
    """
    with Run.open(folder, write=False) as run:
        standing = standing_of(run, candidate)
        if standing is None or standing.verdict is None or standing.verdict.reward is None:
            who = candidate or "the run"
            raise NoValidCandidateError(
                f"{run.id}: {who} has no reward that passed the critic, so there is nothing to export.",
                f"See why: autoreward show {run.id}",
            )
        environment = open_environment(run.task.env_path or run.task.env, run.task.name)
        return write_export(run, environment.pack, environment.spec, standing, final_report(run), directory)
