"""The command line as people and programs call it: in a process of its own, or, where that is no matter, here."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from autoreward.cli.main import main


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


def run_here(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Finished:
    """Runs a command in a folder, in this process: what it starts may be lent to it, see the fixture `warm`.

    Args:
        environment: all of it; that of this process by default.
    """
    out, err = io.StringIO(), io.StringIO()
    variables = os.environ if environment is None else environment
    with (
        Path(os.devnull).open() as nothing,
        chdir(folder),
        patch.dict(os.environ, dict(variables), clear=True),
        patch.object(sys, "stdin", nothing),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = main(arguments)
    return Finished(code, out.getvalue(), err.getvalue())


def run_process(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Finished:
    """Runs the real program in a folder, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "autoreward", *arguments],
        cwd=folder,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    return Finished(done.returncode, done.stdout, done.stderr)
