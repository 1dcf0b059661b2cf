"""What a child loses, and when: the one place where all layers of isolation come together."""

from __future__ import annotations

import math
import resource
import sys
from collections.abc import Collection
from pathlib import Path

from autoreward.reward.sandbox import kernel

PRIVILEGES, LIMITS, LANDLOCK, SECCOMP = LAYERS = ("privileges", "limits", "landlock", "seccomp")
"""All layers, in the order in which they are set."""

EXTRA_ADDRESS_SPACE = 1 << 30  # [bytes] above the size after warm-up
CPU_FACTOR = 2  # XLA computes on several threads, so CPU time may run ahead of the wall clock


def enter(layers: Collection[str]) -> None:
    """Take away what warm-up does not need, so that the threads it starts have it no more: writing, privileges.

    Args:
        layers: those of LAYERS that shall hold.

    Raises:
        LayerError: one of them cannot be set.
    """
    if sys.platform.startswith("linux"):
        kernel.hide_process()
    if PRIVILEGES in layers:
        kernel.drop_privileges(keep_reading=True)
    if LANDLOCK in layers:
        kernel.restrict_files(reading=True)


def lock_down(deadline: float, layers: Collection[str]) -> None:
    """Take away what a candidate does not need: files, memory, CPU time, most system calls. Cannot be undone.

    Called in the child after everything that jax and numpy load lazily has been loaded.

    Args:
        deadline: wall-clock limit of the job [s]; the parent kills at it, the CPU limit is a second line.
        layers: those of LAYERS that shall hold.

    Raises:
        LayerError: one of them cannot be set.
    """
    if PRIVILEGES in layers:
        kernel.drop_privileges(keep_reading=False)
    size = _address_space()  # before Landlock closes /proc
    if LANDLOCK in layers:
        kernel.restrict_files(reading=False)
    if LIMITS in layers:
        _limit(deadline, size)
    if SECCOMP in layers:
        kernel.filter_calls()


def unlimited() -> list[str]:
    """The resources whose limit is not set."""
    zero = (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)
    finite = (resource.RLIMIT_CPU, *((resource.RLIMIT_AS,) if sys.platform.startswith("linux") else ()))
    names = {getattr(resource, name): name for name in dir(resource) if name.startswith("RLIMIT_")}
    open_ended = [which for which in zero if resource.getrlimit(which) != (0, 0)]
    open_ended += [which for which in finite if resource.RLIM_INFINITY in resource.getrlimit(which)]
    return [names[which] for which in open_ended]


def _limit(deadline: float, size: int | None) -> None:
    _lower(resource.RLIMIT_CPU, math.ceil(deadline * CPU_FACTOR) + 1)
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
