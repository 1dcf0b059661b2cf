"""Deletes a run that nobody works on."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from autoreward.errors import UsageError
from autoreward.ledger.find import is_run
from autoreward.ledger.lock import RunLock
from autoreward.ledger.storage import storage_errors


def delete_run(path: Path) -> None:
    """Delete a run with everything in it; it is gone at once under its name, or still there as it was.

    Raises:
        UsageError: the folder is not a run, or is a link to one.
        RunLockedError: another process works on it.
        StorageError: it cannot be deleted.
    """
    if path.is_symlink() or not is_run(path):
        raise UsageError(f"{path} is not a run.", "`autoreward list` names the runs there are.")
    with storage_errors(path):
        RunLock(path)  # refused where somebody works on it; it goes with the folder
        hidden = path.with_name(f".deleted-{secrets.token_hex(6)}")
        path.rename(hidden)
        shutil.rmtree(hidden)
