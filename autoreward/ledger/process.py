"""Who a process is, beyond its number: numbers are used again, after a reboot and on other machines too."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

_GONE = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)  # a zombie holds nothing any more


@dataclass(frozen=True)
class ProcessIdentity:
    """One process of one boot of one machine."""

    pid: int
    boot: str
    started: str  # [clock ticks] from boot to its start
    host: str

    @classmethod
    def mine(cls) -> ProcessIdentity:
        """The identity of the process that asks."""
        return cls(os.getpid(), _boot_id(), _start_time(os.getpid()) or "", platform.node())

    @classmethod
    def from_data(cls, data: Any) -> ProcessIdentity:
        """The identity of `as_data`.

        Raises:
            KeyError, TypeError, ValueError: it is not one.
        """
        return cls(int(data["pid"]), str(data["boot"]), str(data["started"]), str(data["host"]))

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    def is_elsewhere(self) -> bool:
        """Whether it belongs to another machine or container, where its life cannot be seen from here."""
        return self.host != platform.node()

    def is_alive(self) -> bool:
        """Whether this very process still runs here: same boot, same number, same start."""
        try:
            return self.boot == _boot_id() and _start_time(self.pid) == self.started
        except psutil.AccessDenied:
            return True  # one of that number runs, and the system does not say since when


def _boot_id() -> str:
    """The kernel's name for this boot: unlike the time of boot, it stays when the clock of the machine is set."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else ""


def _start_time(pid: int) -> str | None:
    """When a process started, counted from boot as Linux does; None where none of that number runs.

    The calendar time that psutil gives moves when the clock of the machine is set, and with it the time of boot.
    """
    try:
        process = psutil.Process(pid)
        since_boot = process.create_time() - psutil.boot_time()  # [s]
        gone = process.status() in _GONE
    except (psutil.NoSuchProcess, ValueError):  # ValueError: a number that no process has
        return None
    return None if gone else str(round(since_boot * os.sysconf("SC_CLK_TCK")))
