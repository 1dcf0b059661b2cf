"""What must be quick loads nothing heavy. Asserted on the modules that were loaded, never on a clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.ledger import Run
from autoreward.records import TaskSpec

HEAVY = (
    "jax",
    "torch",
    "mujoco",
    "mjbatch",
    "openai",
    "litellm",
    "scipy",
    "matplotlib",
    "numpy",
    "optax",
    "pydantic_settings",
)


def loaded(code: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after this code."""
    report = f"{code}\nimport sys\nsys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(done.stderr.split()) & set(HEAVY)


@pytest.mark.parametrize("arguments", [["--help"], ["design", "--help"], ["envs", "show", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(f"from autoreward.cli.main import main\nassert main({arguments!r}) == 0") == set()


@pytest.mark.parametrize("arguments", [["list"], ["envs"], ["show"]])
def test_what_only_reads_loads_no_simulator(arguments: list[str], tmp_path: Path) -> None:
    if arguments == ["show"]:
        task = TaskSpec(env="hopper", name="forward", text="run", metric=None)
        with Run.create(tmp_path, task, Settings(), {}) as run:
            arguments = ["show", str(run.path)]
    assert loaded(f"from autoreward.cli.main import main\nassert main({arguments!r}) == 0") <= {
        "numpy",
        "pydantic_settings",
    }


@pytest.mark.parametrize("module", ["pack", "fields", "task", "task_file", "randomised_ranges", "environment"])
def test_declarations_of_an_environment_load_nothing_heavy(module: str) -> None:
    assert loaded(f"import autoreward.environment.{module}") == set()


def test_the_package_itself_loads_nothing_heavy() -> None:
    assert loaded("import autoreward; autoreward.__version__") == set()


def test_the_public_functions_are_loaded_when_used() -> None:
    assert not loaded("import autoreward; autoreward.design") & {"jax", "torch", "mujoco", "openai", "matplotlib"}
