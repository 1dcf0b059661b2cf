"""`export`: a reward of a run as files that work without autoreward."""

from __future__ import annotations

from pathlib import Path

from autoreward.environment.random_rollout import open_environment
from autoreward.ledger import Run
from autoreward.ledger.trust import trusted_pack
from autoreward.runs.report import final_report, find_accepted
from autoreward.search.best_reward import write_export
from autoreward.search.stored import recheck_entry
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
        entry, _ = find_accepted(run, candidate, "export")
        environment = open_environment(trusted_pack(run), run.task.name)
        recheck_entry(run, environment.spec, entry)
        return write_export(run, environment, entry, final_report(run), directory)
