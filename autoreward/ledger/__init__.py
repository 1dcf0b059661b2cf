"""The run on disk: append-only events in SQLite, whole files, one lock. See README.md in this folder."""

from autoreward.ledger.events import Event
from autoreward.ledger.find import find_candidate, find_run, list_runs
from autoreward.ledger.run import Run

__all__ = ["Event", "Run", "find_candidate", "find_run", "list_runs"]
