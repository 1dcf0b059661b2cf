"""A child process that is asked one thing and answers it (see wire.py): how it is started, heard and ended in time."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from autoreward import process_environment, wire


@dataclass(frozen=True)
class Reply:
    """What a child answered, and what it said beside that."""

    packet: wire.Packet | None  # None: it gave no answer
    code: int  # of its end
    lines: tuple[str, ...]  # that it wrote to stderr, without empty ones

    def last_words(self, limit: int = 200) -> str:
        """Why there is no answer, in its own words where it has any.

        Args:
            limit: characters at most.
        """
        return self.lines[-1][:limit] if self.lines else f"the process ended with {self.code}"


def start_child(module: str, changes: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A child that waits for its question: without keys, without windows, in a group of its own.

    Args:
        module: that it runs.
        changes: of its environment.
    """
    return subprocess.Popen(
        process_environment.child_command("-m", module),
        env={**process_environment.worker_environment(), **process_environment.WITHOUT_WINDOWS, **(changes or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def ask(child: subprocess.Popen[bytes], request: bytes, deadline: float, limit: int) -> Reply:
    """The answer of a child, which has ended then, with all that it started and left, whatever it did.

    Args:
        request: a message of wire.py.
        deadline: [s] that it has.
        limit: [bytes] of the answer.

    Raises:
        TimeoutError: it was not done in time.
    """
    threading.Thread(target=_end_what_it_leaves, args=(child.pid,), daemon=True).start()
    try:
        answer, said = child.communicate(request, timeout=deadline)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"not done within {deadline:.0f} s") from error
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
    lines = (line.strip() for line in said.decode(errors="replace").splitlines())
    return Reply(_packet(answer, limit), child.returncode, tuple(line for line in lines if line))


def _end_what_it_leaves(child: int) -> None:
    """Once a child has ended, end the rest of its group: it would hold the child's pipes open."""
    with contextlib.suppress(ChildProcessError, ProcessLookupError):  # somebody was told of its end before
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        os.killpg(child, signal.SIGKILL)


def _packet(answer: bytes, limit: int) -> wire.Packet | None:
    try:
        return wire.read(io.BytesIO(answer).read, limit)
    except wire.WireError:  # it ended in the middle of its answer
        return None
