"""Starts a search from the page: the same command that a person would type, in a process that outlives the page."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

from autoreward.errors import RunLockedError, UsageError
from autoreward.ledger.lock import lock_holder
from autoreward.people.notes import read_note
from autoreward.process_environment import child_command, process_variables

LOG = "page.log"  # in the run: what the commands said that the page has started


def start(folder: Path, what: str, text: str, model: str = "") -> None:
    """Start what a button says.

    Args:
        what: "refine", "resume" or "revise".
        text: of the note, or what is wrong with the metric.
        model: that revises the metric; "": the run's own.

    Raises:
        RunLockedError: somebody works on the run.
        UsageError: there is no such button, or it needs words.
    """
    if lock_holder(folder) is not None:
        raise RunLockedError(f"Run {folder.name} is being worked on.", "Wait until it has ended.")
    command = [*command_of(folder, what, text, model), "--yes", "--no-input", "--json"]
    with (folder / LOG).open("ab") as log:
        started = subprocess.Popen(
            child_command("-m", "autoreward", *command),
            env=dict(process_variables()),  # it needs the key that the page was started with
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # what it does is in the ledger
            stderr=log,
            start_new_session=True,
        )
    Thread(target=started.wait, daemon=True, name=what).start()  # so that it leaves no zombie


def command_of(folder: Path, what: str, text: str, model: str = "") -> Sequence[str]:
    """The command that a button stands for.

    Raises:
        UsageError: there is no such button, or it needs words.
    """
    if what == "refine":
        return ["refine", str(folder), read_note(text)]
    if what == "revise":
        named = [f"--model={model}"] if model.strip() else []
        return ["metric", str(folder), "--revise", read_note(text), *named]
    if what == "resume":
        return ["resume", str(folder)]
    raise UsageError(f"{what[:40]!r} is nothing that can be started.", "refine, resume or revise.")
