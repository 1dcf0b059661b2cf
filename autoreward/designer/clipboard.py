"""The clipboard of the person at this machine, where there is one."""

from __future__ import annotations

import shutil
import subprocess

PROGRAMS = (
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
    ("pbcopy",),
    ("clip.exe",),
)
DEADLINE = 5.0  # [s]; a display that does not answer must not hold up a search


def copy(text: str) -> bool:
    """Put a text on the clipboard; False where no program on this machine can."""
    installed = (command for command in PROGRAMS if shutil.which(command[0]))
    return any(_copied(command, text) for command in installed)


def _copied(command: tuple[str, ...], text: str) -> bool:
    """Whether the program took the text; without a display it fails."""
    try:
        done = subprocess.run(
            command, input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=DEADLINE
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
