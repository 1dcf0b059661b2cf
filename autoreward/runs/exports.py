"""`export`: a reward of a run as files that work without autoreward."""

from __future__ import annotations

from pathlib import Path

from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.export.reward_file import PROVENANCE_NAME, REWARD_NAME
from autoreward.ledger import Run
from autoreward.ledger.trust import trusted_pack
from autoreward.runs.report import final_report, find_accepted
from autoreward.search.best_reward import write_export
from autoreward.search.stored import recheck_entry
from autoreward.views import ExportView


def export_run(folder: Path, candidate: str | None, directory: Path) -> ExportView:
    """Write a candidate, by default the best, to `directory`.

    Raises:
        UsageError: the directory holds files that no export wrote, and they would be replaced.
        UnknownNameError: the run has no such candidate.
        NoValidCandidateError: the candidate has no compiled reward, or the run has none.
        EnvironmentFailedError: a file of the environment's model is missing.
        StorageError: the directory cannot be written.
    """
    _check_own(directory)
    with Run.open(folder, write=False) as run:
        entry, _ = find_accepted(run, candidate, "export")
        environment = open_environment(trusted_pack(run), run.task.name)
        recheck_entry(run, environment.spec, entry)
        return write_export(run, environment, entry, final_report(run), directory)


def _check_own(directory: Path) -> None:
    """An export replaces an export; a person's reward.py is never overwritten."""
    if (directory / REWARD_NAME).exists() and not (directory / PROVENANCE_NAME).exists():
        raise UsageError(
            f"{directory / REWARD_NAME} exists already, and no export wrote it: no {PROVENANCE_NAME} lies beside it.",
            "Name another directory with -o, or move the file.",
        )
