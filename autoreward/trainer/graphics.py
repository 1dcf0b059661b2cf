"""Whether jax computes on a GPU here. Asked in a child: no jax on this side, and a backend takes memory for good."""

from __future__ import annotations

import subprocess

from autoreward.errors import EnvironmentFailedError
from autoreward.process_environment import child_command, worker_environment

GPU_DEVICES = "cuda"  # how the names of devices begin that need a GPU
DEADLINE = 120.0  # [s] for a fresh process that imports jax
NOTHING = "nothing: it cannot be imported"


def jax_platform() -> str:
    """What jax computes on: "cpu", "gpu", ..., or that it cannot be imported."""
    command = child_command("-c", "import jax; print(jax.default_backend())")
    try:
        done = subprocess.run(command, env=worker_environment(), capture_output=True, text=True, timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        return f"nothing: it did not start in {DEADLINE:g} s"
    return done.stdout.strip() if done.returncode == 0 else NOTHING


def require_gpu(wanted: str) -> None:
    """Find out before anything is written whether there is the GPU that a device needs.

    Args:
        wanted: the setting `device`; one that needs no GPU is not looked into.

    Raises:
        EnvironmentFailedError: there is none.
    """
    if wanted.startswith(GPU_DEVICES) and jax_platform() != "gpu":
        raise no_gpu(wanted)


def no_gpu(wanted: str) -> EnvironmentFailedError:
    """The error of a device that is not there."""
    return EnvironmentFailedError(
        f"--device {wanted}: jax sees no GPU here.",
        "`autoreward doctor` says what it sees; pip install 'autoreward[gpu]' brings jax for CUDA. Or --device cpu.",
    )
