"""A child process that is asked one thing and answers it (see wire.py): how it is started, heard and ended in time."""

from __future__ import annotations

import contextlib
import io
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from autoreward import process_environment, wire

LOOK = 0.1  # [s] after which it is seen that a child has ended whose pipes somebody else holds open
AT_ONCE = 1 << 16  # [bytes] that a pipe holds


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
    try:
        answer, said = _converse(child, request, deadline)
    finally:
        with contextlib.suppress(ProcessLookupError):  # nothing of its group is left
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            assert pipe is not None  # start_child has made them
            with contextlib.suppress(BrokenPipeError):  # it has not read its question
                pipe.close()
    lines = (line.strip() for line in said.decode(errors="replace").splitlines())
    return Reply(_packet(answer, limit), child.returncode, tuple(line for line in lines if line))


def _converse(child: subprocess.Popen[bytes], request: bytes, deadline: float) -> tuple[bytes, bytes]:
    """What a child writes to stdout and stderr until it has ended; what it has started may hold its pipes open longer.

    Raises:
        TimeoutError: it was not done in time.
    """
    until, asked = time.monotonic() + deadline, memoryview(request)
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    heard: dict[int, bytearray] = {child.stdout.fileno(): bytearray(), child.stderr.fileno(): bytearray()}
    with selectors.DefaultSelector() as pipes:
        for descriptor in heard:
            os.set_blocking(descriptor, False)
            pipes.register(descriptor, selectors.EVENT_READ)
        os.set_blocking(child.stdin.fileno(), False)
        pipes.register(child.stdin.fileno(), selectors.EVENT_WRITE)
        ended = False
        while not ended:
            ended = child.poll() is not None  # before the pipes are read: nothing comes after that
            if time.monotonic() > until and not ended:
                raise TimeoutError(f"not done within {deadline:.0f} s")
            for key, _ in pipes.select(0.0 if ended else LOOK):
                if key.fd not in heard:
                    asked = _written(key.fd, asked)
                    if not asked:
                        pipes.unregister(key.fd)
                        child.stdin.close()
                elif not _read(key.fd, heard[key.fd]):
                    pipes.unregister(key.fd)
            if not set(heard) & set(pipes.get_map()):
                with contextlib.suppress(subprocess.TimeoutExpired):  # it has closed them, and does not end
                    child.wait(max(0.0, until - time.monotonic()))
    answer, said = heard.values()
    return bytes(answer), bytes(said)


def _written(descriptor: int, asked: memoryview) -> memoryview:
    """What is left to be written; nothing to a child that reads no more."""
    try:
        return asked[os.write(descriptor, asked) :]
    except BrokenPipeError:
        return asked[:0]


def _read(descriptor: int, heard: bytearray) -> bool:
    """Read once, what a pipe holds at most: whoever writes for ever is not waited for. False at the end."""
    part = os.read(descriptor, AT_ONCE)
    heard += part
    return bool(part)


def _packet(answer: bytes, limit: int) -> wire.Packet | None:
    try:
        return wire.read(io.BytesIO(answer).read, limit)
    except wire.WireError:  # it ended in the middle of its answer
        return None
