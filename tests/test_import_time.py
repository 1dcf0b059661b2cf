"""What must be quick loads nothing heavy. Asserted on the modules that were loaded, never on a clock."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("jax", "torch", "mujoco", "mjbatch", "openai", "litellm", "scipy", "matplotlib", "numpy", "optax")


def loaded(code: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after this code."""
    report = f"{code}\nimport sys\nsys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["design", "--help"], ["envs", "show", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(f"from autoreward.cli.main import main\nassert main({arguments!r}) == 0") == set()


def test_the_package_itself_loads_nothing_heavy() -> None:
    assert loaded("import autoreward; autoreward.__version__") == set()


def test_the_public_functions_are_loaded_when_used() -> None:
    assert not loaded("import autoreward; autoreward.design") & {"jax", "torch", "mujoco", "openai", "matplotlib"}
