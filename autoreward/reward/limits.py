"""Limits of one child, set after warm-up and before candidate code. The one place for further isolation layers."""

from __future__ import annotations

import math
import resource
import sys
from pathlib import Path

EXTRA_ADDRESS_SPACE = 1 << 30  # [bytes] above the size after warm-up
CPU_FACTOR = 2  # XLA computes on several threads, so CPU time may run ahead of the wall clock


def lock_down(deadline: float) -> None:
    """Take away what a candidate does not need: memory, CPU time, files. Cannot be undone without privileges.

    Called in the child after everything that jax and numpy load lazily has been loaded. Kernel layers
    (no_new_privs, Landlock, seccomp) belong here, behind the limits, and decide the tier that is reported.

    Args:
        deadline: wall-clock limit of the job [s]; the parent kills at it, the CPU limit is a second line.
    """
    size = _address_space()
    seconds = math.ceil(deadline * CPU_FACTOR) + 1
    _lower(resource.RLIMIT_CPU, seconds)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    if size is not None:
        _lower(resource.RLIMIT_AS, size + EXTRA_ADDRESS_SPACE)
    _lower(resource.RLIMIT_NOFILE, 0)  # open descriptors stay usable; no new one can be made


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (limit, limit))


def _address_space() -> int | None:
    """Size of this process [bytes]; None where the system does not tell (RLIMIT_AS means nothing on macOS)."""
    if not sys.platform.startswith("linux"):
        return None
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
