"""One small real run that the tests of the commands look at."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.client import TrainerWorker
from tests.commands import Finished, run_here
from tests.conftest import lending

TINY = ["--set", "num_envs=4", "--set", "num_steps=64", "--set", "num_minibatches=2", "--set", "hidden=[8]"]
SMALL = ["--candidates", "2", "--generations", "1", "--seeds", "1", "-n", "1024", *TINY]
SMALL += ["--set", "final_seeds=2", "--set", "clips=false", "--distinct", "0"]
DESIGN = ["design", "--env", "inverted_pendulum", "--task", "balance", "--model", "compose", *SMALL]


autoreward = run_here


@pytest.fixture(autouse=True)
def _lent(warm: None) -> None:
    """The commands of these tests share a sandbox and a trainer; those of one test start their own in a process."""


@dataclass(frozen=True)
class Workplace:
    """A folder with one finished run, and what its `design --json` printed."""

    folder: Path
    design: Finished

    def __call__(self, *arguments: str) -> Finished:
        return autoreward(self.folder, *arguments)


@pytest.fixture(scope="session")
def workplace(warm_processes: tuple[Sandbox, TrainerWorker], tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A finished run of two candidates."""
    folder, home = tmp_path_factory.mktemp("workplace"), str(tmp_path_factory.mktemp("home"))
    with lending(*warm_processes):
        return Workplace(
            folder, run_here(folder, *DESIGN, "--json", environment={**os.environ, "XDG_CONFIG_HOME": home})
        )
