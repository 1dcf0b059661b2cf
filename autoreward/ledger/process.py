"""Who a process is, beyond its number: numbers are used again, after a reboot and on other machines too."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_GONE = "ZX"  # states of /proc/PID/stat: a zombie holds nothing any more


@dataclass(frozen=True)
class ProcessIdentity:
    """One process of one boot of one machine."""

    pid: int
    boot: str
    started: str  # in the clock of the system; only ever compared with itself
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
        return self.boot == _boot_id() and _start_time(self.pid) == self.started


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else ""


def _start_time(pid: int) -> str | None:
    """When a process started; None where there is none of that number, or only its remains."""
    if not Path("/proc/self/stat").exists():
        return _start_time_from_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # "pid (name) state ppid ...": the name may hold spaces and brackets; state is field 3, the start field 22.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in _GONE else fields[19]


def _start_time_from_ps(pid: int) -> str | None:
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
