"""Where something was measured: date, cores, processor, versions, and how much memory a process has needed."""

from __future__ import annotations

import platform
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from autoreward.process_environment import cores
from autoreward.versions import installed_versions
from autoreward.views import Machine

PACKAGES = ("autoreward", "mujoco", "mjbatch", "jax", "numpy", "gymnasium", "stable-baselines3", "torch")


def this_machine() -> Machine:
    """The machine as it is now."""
    return Machine(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        cores=cores(),
        cpu=_processor(),
        versions={"python": platform.python_version(), **installed_versions(PACKAGES)},
    )


def peak_memory() -> int:
    """The most memory that this process has had resident [bytes].

    Linux tells it for the program itself; `getrusage` also counts the process that it was forked from.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
