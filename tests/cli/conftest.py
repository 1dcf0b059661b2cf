"""One small real run that the tests of the commands look at."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SMALL = [
    "--candidates",
    "2",
    "--generations",
    "1",
    "--seeds",
    "1",
    "-n",
    "4096",
    "--set",
    "final_seeds=2",
    "--set",
    "clips=false",
]
DESIGN = ["design", "--env", "inverted_pendulum", "--task", "balance", "--model", "compose", *SMALL]


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


def autoreward(folder: Path, *arguments: str) -> Finished:
    """Runs the real program in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "autoreward", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Workplace:
    """A folder with one finished run, and what its `design --json` printed."""

    folder: Path
    design: Finished

    def __call__(self, *arguments: str) -> Finished:
        return autoreward(self.folder, *arguments)


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A finished run of two candidates."""
    folder = tmp_path_factory.mktemp("workplace")
    return Workplace(folder, autoreward(folder, *DESIGN, "--json"))
