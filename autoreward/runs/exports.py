"""`export`: a reward of a run as files that work without autoreward."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from pathlib import Path, PurePosixPath
from typing import Any, Self

from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.export.environment_file import ENV_NAME, PACK_NAME
from autoreward.export.foreign_file import WRAPPER_NAME
from autoreward.export.learned_file import LEARNED_NAME, LEARNED_NUMBERS
from autoreward.export.policy_file import NUMBERS_NAME, ONNX_NAME, POLICY_NAME, package_name
from autoreward.export.reward_file import PROVENANCE_NAME, REWARD_NAME
from autoreward.export.targets.target_files import TARGET_FILES, check_targets
from autoreward.input_files import read_input
from autoreward.ledger import Run
from autoreward.ledger.outputs import check_output_folder, output_errors
from autoreward.ledger.trust import trusted_pack
from autoreward.runs.report import final_report, find_accepted
from autoreward.search.best_reward import write_export
from autoreward.search.stored import recheck_entry
from autoreward.views import ExportView

NAMES = (
    *(REWARD_NAME, PROVENANCE_NAME, WRAPPER_NAME, ENV_NAME, PACK_NAME, POLICY_NAME, NUMBERS_NAME, ONNX_NAME),
    *(LEARNED_NAME, LEARNED_NUMBERS),
    *TARGET_FILES.values(),
)
_ELSEWHERE = "Name another directory with -o"


def export_run(
    folder: Path, candidate: str | None, directory: Path, *, replace: bool = False, targets: Sequence[str] = ()
) -> ExportView:
    """Write a candidate, by default the best, to `directory`.

    Args:
        replace: the export of another candidate, or one whose files were changed, where one lies in `directory`.
        targets: other tools to write the terms for: "mjlab", "isaaclab", "playground".

    Raises:
        UsageError: the directory is none, holds files that no export wrote, or an export that is not to be replaced.
        UnknownNameError: the run has no such candidate, or nothing is known of such a tool.
        NoValidCandidateError: the candidate has no compiled reward, or the run has none.
        EnvironmentFailedError: a file of the environment's model is missing.
        StorageError: the directory cannot be written.
    """
    check_output_folder(directory)
    check_targets(targets)
    with Run.open(folder, write=False) as run:
        entry, _ = find_accepted(run, candidate, "export")
        before = _check_own(directory)
        if before is not None and not replace:
            before.refuse_other(run.id, entry.id)
        environment = open_environment(trusted_pack(run), run.task.name)
        recheck_entry(run, environment.spec, entry)
        with output_errors(directory):
            written = write_export(run, environment, entry, final_report(run), directory, targets)
            notes = [*written.notes, *_name_notes(directory)]
            if before is not None and not before.is_of(run.id, entry.id):
                before.remove_rest({Path(file) for file in written.files})
                notes.append(f"Replaced the export of {before.name}.")
        return written.model_copy(update={"notes": tuple(notes)})


def _name_notes(directory: Path) -> list[str]:
    name = directory.resolve().name
    if name.isidentifier() and not iskeyword(name):
        return []
    return [
        f"Python cannot import a folder called {name!r}: the examples in the files call it {package_name(directory)}."
    ]


def _check_own(directory: Path) -> _Export | None:
    """The export in a directory; None where none of the names of its files is taken.

    Raises:
        UsageError: a file of such a name that no export wrote.
    """
    taken = [name for name in NAMES if (directory / name).exists()]
    if not taken:
        return None
    found = _Export.read(directory)
    if found is None:
        raise UsageError(
            f"{directory / taken[0]} exists already, and no export wrote it: no {PROVENANCE_NAME} lies beside it that "
            "says so.",
            f"{_ELSEWHERE}, or move the file.",
        )
    return found


@dataclass(frozen=True)
class _Export:
    """What stands in a directory, as its PROVENANCE.json says."""

    directory: Path
    run: str
    candidate: str
    digests: dict[str, str] = field(default_factory=dict)  # SHA-256 by path from the directory

    @classmethod
    def read(cls, directory: Path) -> Self | None:
        """The export; None where nothing says that there is one."""
        try:
            facts: Any = json.loads(read_input(directory / PROVENANCE_NAME))
            run, candidate = str(facts["run"]), str(facts["candidate"])
            digests = {str(name): str(digest) for name, digest in dict(facts.get("files_sha256", {})).items()}
            own = {REWARD_NAME: str(facts["file_sha256"])}
        except (UsageError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None  # somebody else's file of this name
        return cls(directory, run, candidate, digests | own)

    @property
    def name(self) -> str:
        """`g00c01 of 2026-11-20_hopper-hop_k3f9`."""
        return f"{self.candidate:.20} of {self.run:.80}"

    def is_of(self, run: str, candidate: str) -> bool:
        """Whether it is the export of this candidate."""
        return (self.run, self.candidate) == (run, candidate)

    def refuse_other(self, run: str, candidate: str) -> None:
        """Refuse to replace the export of another candidate, or files that were changed since.

        Raises:
            UsageError: one of these stands here.
        """
        cure = f"{_ELSEWHERE}, or say --replace."
        if not self.is_of(run, candidate):
            raise UsageError(f"{self.directory} holds the export of {self.name}, not of {candidate} of {run}.", cure)
        changed = [name for name in NAMES if name != PROVENANCE_NAME and self._is_changed(name)]
        if changed:
            raise UsageError(f"{self.directory / changed[0]} was changed since it was exported.", cure)

    def remove_rest(self, written: set[Path]) -> None:
        """Delete files of this export that another one has not replaced; never one that was changed."""
        for name in self.digests:
            path, parts = self.directory / name, PurePosixPath(name).parts
            inside = bool(parts) and ".." not in parts and not PurePosixPath(name).is_absolute()
            if inside and path not in written and path.is_file() and not self._is_changed(name):
                path.unlink()

    def _is_changed(self, name: str) -> bool:
        """Whether a file is there with another content than was exported."""
        path = self.directory / name
        return path.exists() and _digest(path) != self.digests.get(name)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
