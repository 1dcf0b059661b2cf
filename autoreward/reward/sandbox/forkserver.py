"""The import-only fork server: loads jax and numpy once, forks a child for each job, computes nothing itself.

A fork after even one jax computation hangs, because the XLA threads are not there in the child; so the server only
imports. It speaks lines of JSON with the parent: `spawn` (two descriptors come along) answers a process id, `reap`
kills the child's process group and answers how it ended. A child is not reaped before the parent asks, so its id
cannot pass to another process in between. When the parent goes away, the server kills its children and ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import importlib
import json
import os
import signal
import socket
import sys
import traceback
from typing import Any

from autoreward.reward.sandbox.kernel import hide_process

PR_SET_PDEATHSIG = 1
MESSAGE_BYTES = 4096
FREE_FROM = 16  # descriptors are sorted from here on, out of the way of 0 to 3
DESCRIPTORS = 65_536


def serve(connection: socket.socket) -> None:
    """Answer requests until the parent closes the connection."""
    load_modules()
    hide_process()
    children: set[int] = set()
    reply: dict[str, int | None]
    connection.sendall(b'{"ready": true}\n')
    _silence()
    try:
        while True:
            message, descriptors, _, _ = socket.recv_fds(connection, MESSAGE_BYTES, 2)
            if not message:
                return
            request = json.loads(message)
            if request["op"] == "spawn":
                reply = {"pid": spawn(descriptors, connection, children)}
            else:
                reply = {"status": reap(request["pid"], children)}
            connection.sendall(json.dumps(reply).encode() + b"\n")
    finally:
        for pid in list(children):
            reap(pid, children)


def _silence() -> None:
    """From here on nobody reads the error pipe of the server."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)


def load_modules() -> None:
    """Import what a child would otherwise load lazily, without starting a jax backend."""
    for name in (
        "numpy",
        "numpy.linalg",
        "numpy.lib.format",
        "jax",
        "jax.numpy",
        "jax.export",
        "jax.numpy.linalg",
        "jaxlib.lapack",
        "scipy.linalg.cython_blas",  # jaxlib.lapack looks for its functions here at the first call of a program
        "scipy.linalg.cython_lapack",
        "autoreward.reward.sandbox.child",
    ):
        importlib.import_module(name)


def spawn(descriptors: list[int], control: socket.socket, children: set[int]) -> int:
    """Fork a child that serves the job on the first descriptor; the second one is its output."""
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            _become_child(server, descriptors, control)
        except BaseException:
            traceback.print_exc()  # into the output pipe, whose end the parent keeps
        finally:
            os._exit(1)
    children.add(pid)
    with contextlib.suppress(OSError):  # the child may have done it first, or have ended already
        os.setpgid(pid, pid)
    for descriptor in descriptors:
        os.close(descriptor)
    return pid


def _become_child(server: int, descriptors: list[int], control: socket.socket) -> None:
    from autoreward.reward.sandbox import child  # loaded by load_modules: it brings jax, which comes first there

    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    control.close()
    job = _sort_descriptors(*descriptors)
    _die_with(server)
    with socket.socket(fileno=job) as connection:
        child.run_child(connection)
    child.leave()


def _sort_descriptors(job: int, output: int) -> int:
    """Nothing, the output twice and the job become 0 to 3; all others are closed."""
    sources = [os.open(os.devnull, os.O_RDONLY), output, output, job]
    apart = [fcntl.fcntl(source, fcntl.F_DUPFD, FREE_FROM) for source in sources]
    for target, source in enumerate(apart):
        os.dup2(source, target)
    os.closerange(len(apart), DESCRIPTORS)
    return len(apart) - 1


def _die_with(server: int) -> None:
    """The kernel kills this process when the server ends (Linux); checks that it has not ended already."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != server:
            os._exit(1)


def reap(pid: int, children: set[int]) -> int | None:
    """Kill a child with its process group and take its exit status; None for one that is not ours."""
    if pid not in children:
        return None
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    children.discard(pid)
    return os.waitstatus_to_exitcode(status)


def main(arguments: list[str]) -> Any:
    """Start from `python -c`: the number of the inherited descriptor is the only argument."""
    with socket.socket(fileno=int(arguments[0])) as connection:
        serve(connection)
