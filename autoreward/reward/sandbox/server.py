"""The parent's end of the fork server: start it with an empty environment, ask it for children, end it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil

from autoreward.errors import AutorewardError

START_DEADLINE = 120.0  # [s] to import jax, on a slow disk
ANSWER_DEADLINE = 30.0  # [s]
ENVIRONMENT = {
    "JAX_PLATFORMS": "cpu",
    "JAX_TRACEBACK_IN_LOCATIONS_LIMIT": "0",  # the same program for the same source, wherever it is installed
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",  # numpy must not have threads at the fork
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",  # keeps the address space, which is limited, near the memory used
}
"""All that the server and its children know of the environment."""

_BOOT = (
    "import sys; sys.path[:] = sys.argv[2:]; from autoreward.reward.sandbox.forkserver import main; main(sys.argv[1:])"
)


class ServerGone(Exception):
    """The fork server has ended."""


class Child:
    """One forked child, and this side's ends of its connections."""

    def __init__(self, server: ForkServer, pid: int, connection: socket.socket, output: int) -> None:
        self.connection = connection
        self.output = output
        self._server = server
        self._pid = pid
        self._ended = False
        self._status: int | None = None

    def cpu_seconds(self) -> float:
        """CPU time that it has taken so far [s]; 0 where nobody may know."""
        try:
            times = psutil.Process(self._pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def end(self) -> int | None:
        """Kill and reap the child with its process group; its exit status, negative for a signal."""
        if not self._ended:
            self._ended = True
            self._status = self._server.reap(self._pid)
        return self._status


class ForkServer:
    """One fork server process. Its methods may be called from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready = False
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-c", _BOOT, str(theirs.fileno()), *_import_path()],
                env=ENVIRONMENT, cwd=os.sep, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    @contextlib.contextmanager
    def child(self) -> Iterator[Child]:
        """A fresh child; it and its process group are killed and reaped at the end of the block.

        Raises:
            ServerGone: the server has ended.
        """
        ours, theirs = socket.socketpair()
        output, their_output = os.pipe()
        os.set_blocking(output, False)
        try:
            with theirs:
                try:
                    pid = self._ask({"op": "spawn"}, [theirs.fileno(), their_output])["pid"]
                finally:
                    os.close(their_output)
            child = Child(self, pid, ours, output)
            try:
                yield child
            finally:
                child.end()
        finally:
            ours.close()
            os.close(output)

    def reap(self, pid: int) -> int | None:
        """Kill a child and its group, once; its exit status, None where the server is gone."""
        with contextlib.suppress(ServerGone):
            status: int | None = self._ask({"op": "reap", "pid": pid}, [])["status"]
            return status
        return None

    def close(self) -> None:
        """End the server and, through it, every child. Leaves no process and no descriptor."""
        with self._lock:
            self._control.close()  # the server kills its children and ends
            if not self._ready:
                self._kill()  # it is still importing, and has no children
            try:
                self._process.wait(ANSWER_DEADLINE)
            except subprocess.TimeoutExpired:
                self._kill()
            if self._process.stderr is not None:
                self._process.stderr.close()

    def _ask(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        with self._lock:
            try:
                self._wait_until_ready()
                self._control.settimeout(ANSWER_DEADLINE)
                socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
                return self._answer()
            except OSError as error:  # closed, timed out, or the server died
                raise ServerGone(str(error)) from error

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        self._control.settimeout(START_DEADLINE)
        try:
            self._answer()
        except OSError as error:
            self._kill()
            reason = _last_lines(self._process.stderr)
            message = f"The sandbox did not start: {reason or error}"
            raise AutorewardError(message, "Run `autoreward doctor`; jax and numpy must import.") from error
        self._ready = True

    def _answer(self) -> dict[str, Any]:
        line = b""
        while not line.endswith(b"\n"):
            received = self._control.recv(4096)
            if not received:
                raise ConnectionError("the fork server has ended")
            line += received
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _import_path() -> list[str]:
    """The import path of this process, without what Python puts in front: the working folder and that of a script.

    A file there must take the place of no module in the sandbox. The folder of this package, which may be one of
    them, comes last.
    """
    started_in = {
        "",
        str(Path.cwd()),
        str(Path(getattr(sys.modules["__main__"], "__file__", None) or os.curdir).parent),
    }
    standard = sys.path.index(sysconfig.get_path("stdlib"))
    path = [entry for entry in sys.path[:standard] if entry not in started_in] + sys.path[standard:]
    package = str(Path(__file__).resolve().parents[3])
    return path if package in path else [*path, package]


def _last_lines(stream: IO[bytes] | None) -> str:
    text = stream.read().decode(errors="replace") if stream is not None else ""
    return " / ".join(text.strip().splitlines()[-2:])
