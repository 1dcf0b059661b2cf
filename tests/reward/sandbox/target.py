"""What hostile programs of the corpus aim at, and whether they hit: all of it harmless, and in a folder of its own."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

FIRED = "canary-fired"
PR_SET_CHILD_SUBREAPER = 36


class Target:
    """A file, listening sockets and a process, and what they were like before."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="target-"))  # short: names of UNIX sockets are limited
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        (self.scratch / "victim").write_text("treasure")
        abstract = f"\0{self.folder.name}"
        self.listeners = {
            "TCP": _listener(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "UDP": _listener(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "UNIX": _listener(socket.AF_UNIX, socket.SOCK_STREAM, str(self.folder / "s")),
            "ABSTRACT": _listener(socket.AF_UNIX, socket.SOCK_STREAM, abstract),
        }
        adopt_orphans()
        self.others = set(psutil.Process().children(recursive=True))
        environment = {"OPENAI_API_KEY": "canary-key", "PATH": os.environ["PATH"]}
        self.victim = psutil.Popen(["sleep", "100000"], env=environment)
        self.before = self._state()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in [self.victim, *self.survivors()]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
            process.wait()
        for listener in self.listeners.values():
            listener.close()
        shutil.rmtree(self.folder)

    def fill(self, text: str) -> str:
        """The program with the real paths, ports and processes in place of `@NAME@`."""
        names = {name: str(listener.getsockname()[1]) for name, listener in self.listeners.items() if name[0] in "TU"}
        names |= {"SCRATCH": str(self.scratch), "UNIX": str(self.folder / "s"), "ABSTRACT": self.folder.name}
        for name, value in {**names, "VICTIM": str(self.victim.pid)}.items():
            text = text.replace(f"@{name}@", value)
        return text

    def hits(self, told: str) -> list[str]:
        """Everything that a program reached, given what its process told."""
        now = self._state()
        found = [name for name, value in self.before.items() if now[name] != value]
        found += [name for name, listener in self.listeners.items() if _was_reached(listener)]
        found += ["survivor" for _ in self.survivors()]
        return found + (["told"] if FIRED in told else [])

    def survivors(self) -> list[psutil.Process]:
        """Processes that were not there before, whoever their parent was."""
        running = psutil.Process().children(recursive=True)
        return [one for one in running if one not in self.others and one.pid != self.victim.pid]

    def _state(self) -> dict[str, Any]:
        victim = self.victim
        if victim.poll() is not None:
            return {"files": self._files(), "victim": "ended"}
        seen = (victim.status(), victim.nice(), victim.rlimit(psutil.RLIMIT_NOFILE), victim.cpu_affinity())
        return {"files": self._files(), "victim": (seen[0] == psutil.STATUS_STOPPED, *seen[1:])}

    def _files(self) -> list[Any]:
        found: list[Any] = []
        for path in sorted(self.scratch.rglob("*")):
            about = path.lstat()
            attributes = os.listxattr(path, follow_symlinks=False)
            found.append((path.name, about.st_mode, about.st_size, about.st_mtime, about.st_nlink, attributes))
        return found


def adopt_orphans() -> None:
    """Descendants whose parent ends become children of this process, so that none can hide (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _listener(family: int, kind: int, address: Any) -> socket.socket:
    made = socket.socket(family, kind)
    made.bind(address)
    if kind == socket.SOCK_STREAM:
        made.listen()
    made.setblocking(False)
    return made


def _was_reached(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(100)
    except BlockingIOError:
        return False
    return True
