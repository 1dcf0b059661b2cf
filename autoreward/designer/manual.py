"""`manual`: a person, or a coding agent, answers. A whole round is one question in one file.

    RUN/manual/g02.prompt.md     the question, written here (and put on the clipboard where there is one)
    RUN/manual/g02.reply.md      the answer, put there by a person or by `autoreward reply`

A run that waits has ended with exit code 8: nothing has to be kept running. Resuming it reads the answer.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from autoreward.designer.prompts import render_round
from autoreward.designer.sections import split_reply
from autoreward.errors import UsageError, WaitingForPersonError
from autoreward.input_files import read_input
from autoreward.ledger.files import write_atomic
from autoreward.llm.resolve import MANUAL
from autoreward.process_environment import known_secrets
from autoreward.records import Completion, Prompt
from autoreward.redaction import redacted
from autoreward.views.next_commands import run_name

FOLDER = "manual"
CLIPBOARD_PROGRAMS = (
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
    ("pbcopy",),
    ("clip.exe",),
)
CLIPBOARD_DEADLINE = 5.0  # [s]; a display that does not answer must not hold up a search


def copy_to_clipboard(text: str) -> bool:
    """Put a text on the clipboard; False where no program on this machine can."""
    installed = (command for command in CLIPBOARD_PROGRAMS if shutil.which(command[0]))
    return any(_copied(command, text) for command in installed)


def _copied(command: tuple[str, ...], text: str) -> bool:
    """Whether the program took the text; without a display it fails."""
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=CLIPBOARD_DEADLINE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


class Manual:
    """The designer that asks a person.

    Args:
        folder: of the run.
        copy: puts a text on the clipboard; False where there is none.
    """

    name = MANUAL
    is_llm = False

    def __init__(self, folder: Path, copy: Callable[[str], bool] = copy_to_clipboard) -> None:
        self._folder = folder
        self._copy = copy
        self._replies: dict[str, str] = {}

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Read the answer to all prompts of a round; where there is none, ask for it.

        Raises:
            WaitingForPersonError: the answer is missing, or lacks a program; the question is in its file.
        """
        question, answer = question_file(self._folder, prompts), answer_file(self._folder, prompts)
        replies = split_reply(_read(answer), [prompt.id for prompt in prompts]) if answer.is_file() else {}
        missing = [prompt.id for prompt in prompts if prompt.id not in replies]
        if missing:
            text = render_round(prompts)
            write_atomic(question, text)
            raise _waiting(self._folder, prompts, missing, replies, copied=self._copy(text))
        self._replies |= replies

    def complete(self, prompt: Prompt) -> Completion:
        """The part of the answer that belongs to the prompt."""
        text = redacted(self._replies[prompt.id], known_secrets())
        return Completion(prompt=prompt.id, text=text, designer=self.name)

    def stop(self) -> None:
        """Nothing to stop: while a person thinks, nothing runs."""


def question_file(folder: Path, prompts: Sequence[Prompt]) -> Path:
    """Where the question of a round stands."""
    return folder / FOLDER / f"{round_of(prompts)}.prompt.md"


def answer_file(folder: Path, prompts: Sequence[Prompt]) -> Path:
    """Where the answer to a round is looked for."""
    return folder / FOLDER / f"{round_of(prompts)}.reply.md"


def round_of(prompts: Sequence[Prompt]) -> str:
    """`g02`, or `g02r1` for the first repair: what the prompts of a round have in common."""
    _, repair, attempt = prompts[0].id.partition("r")
    return f"g{prompts[0].reward_brief.generation:02d}{repair}{attempt}"


def put_reply(folder: Path, prompts: Sequence[Prompt], text: str) -> Path:
    """Keep a person's answer where the search looks for it.

    Raises:
        UsageError: a program that is asked for is not in it; nothing is written.
        StorageError: the run folder cannot be written.
    """
    wanted = [prompt.id for prompt in prompts]
    missing = [name for name in wanted if name not in split_reply(text, wanted)]
    if missing:
        raise UsageError(
            f"The reply holds no program for {', '.join(missing)}; asked for: {', '.join(wanted)}.",
            f"Write one heading `## {missing[0]}` and one ```python block for each.",
        )
    path = answer_file(folder, prompts)
    write_atomic(path, text)
    return path


def _read(path: Path) -> str:
    return read_input(path).decode("utf-8", errors="replace")


def _waiting(
    folder: Path, prompts: Sequence[Prompt], missing: Sequence[str], replies: object, copied: bool
) -> WaitingForPersonError:
    question, answer = question_file(folder, prompts), answer_file(folder, prompts)
    name = run_name(folder)
    clip = " (it is on the clipboard, too)" if copied else ""
    seen = ""
    if answer.is_file():
        seen = f" {answer} lacks a program for {', '.join(missing)}." if replies else f" {answer} holds no program."
    several = "a reward program is" if len(prompts) == 1 else f"{len(prompts)} reward programs are"
    return WaitingForPersonError(
        f"Waiting for a person: {several} asked for in {question}{clip}.{seen}",
        f"Put the reply into {answer}, or give it on standard input with the first command; then go on:\n"
        f"    autoreward reply {name} -\n    autoreward resume {name}",
    )
