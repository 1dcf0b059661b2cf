"""Starts a search from the page: the same command that a person would type, in a process that outlives the page."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

from autoreward.errors import RunLockedError, UsageError
from autoreward.ledger.lock import lock_holder
from autoreward.people.notes import read_note
from autoreward.plain_text import plain_line
from autoreward.process_environment import child_command, process_variables

LOG = "page.log"  # in the run: what the commands said that the page has started
ENDED_WELL = (0, 4, 8)  # exit codes: done; the target was not met; it waits for people. The run tells which
LAST_WORDS = 600  # characters of what a command that failed has said


def start(folder: Path, what: str, text: str, model: str, on_end: Callable[[str], None]) -> None:
    """Start what a button says.

    Args:
        what: "refine", "resume" or "revise".
        text: of the note, or what is wrong with the metric.
        model: that revises the metric; "": the run's own.
        on_end: gets what went wrong, in words, when it has ended; "" where nothing did.

    Raises:
        RunLockedError: somebody works on the run.
        UsageError: there is no such button, or it needs words.
    """
    if lock_holder(folder) is not None:
        raise RunLockedError(f"Run {folder.name} is being worked on.", "Wait until it has ended.")
    command = [*command_of(folder, what, text, model), "--yes", "--no-input", "--quiet"]
    with (folder / LOG).open("ab") as log:
        before = log.tell()
        started = subprocess.Popen(
            child_command("-m", "autoreward", *command),
            env=dict(process_variables()),  # it needs the key that the page was started with
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # what it does is in the ledger
            stderr=log,
            start_new_session=True,
        )

    def wait() -> None:  # so that it leaves no zombie, and does not fail unheard
        code = started.wait()
        on_end("" if code in ENDED_WELL else _last_words(folder / LOG, before, what, code))

    Thread(target=wait, daemon=True, name=what).start()


def _last_words(log: Path, before: int, what: str, code: int) -> str:
    """Why a command has failed, from what it wrote into the log after a place."""
    try:
        said = log.read_bytes()[before:].decode(errors="replace")
    except OSError:  # the run was deleted
        said = ""
    lines = [line for line in map(plain_line, said.splitlines()) if line]
    return " ".join(lines[-2:])[:LAST_WORDS] or f"{what} has ended with exit code {code}."


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
