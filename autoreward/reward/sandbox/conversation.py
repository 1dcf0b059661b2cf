"""Jobs and replies: each job has a child of its own, a deadline that this side keeps, and a reply of limited size."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Mapping
from typing import Any

from autoreward import wire
from autoreward.reward.sandbox.replies import Failure, plain
from autoreward.reward.sandbox.server import Child, ForkServer, ServerGone

REPLY_LIMIT = 64 << 20  # [bytes]
OUTPUT_KEPT = 2_000  # [bytes] at the end of what a child prints, for the finding of a crash
STARVED, ALIVE = 0.5, 0.02  # shares of a deadline that a child had as CPU time
LONGEST = 5  # deadlines that a starved child gets, at most
STARTS = 2  # times a job is tried when the fork server itself is gone


class Children:
    """Gives jobs to children of one fork server, which is replaced where it ends. From several threads at once."""

    def __init__(self) -> None:
        self.server = ForkServer()
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """End the server and all children. May be called twice."""
        if not self._closed:
            self._closed = True
            self.server.close()

    def ask(self, job: dict[str, Any], parts: Mapping[str, bytes], deadline: float) -> wire.Packet | Failure:
        """What a child made of a job, or why there is nothing.

        Args:
            deadline: wall clock [s]; then it is ended with SIGKILL.

        Raises:
            ServerGone: the fork server ended, and its successor too.
        """
        message = wire.encode(job | {"deadline": deadline}, parts)
        for attempt in range(STARTS):
            server = self.server
            try:
                with server.child() as child:
                    return self._converse(child, message, time.monotonic() + deadline, deadline)
            except ServerGone:
                if self._closed or attempt == STARTS - 1:
                    raise
                self._restart(server)
        raise AssertionError("unreachable")

    def _restart(self, gone: ForkServer) -> None:
        with self._lock:
            if self.server is gone:  # another thread may have replaced it
                self.server = ForkServer()
        gone.close()

    def _converse(self, child: Child, message: bytes, end: float, deadline: float) -> wire.Packet | Failure:
        reader = _Reader(child, end, deadline)
        try:
            child.connection.settimeout(max(end - time.monotonic(), 0.001))
            child.connection.sendall(message)
            packet = wire.read(reader, REPLY_LIMIT)
        except TimeoutError:
            return Failure("deadline", "deadline", f"the program did not end within {deadline:g} s")
        except (wire.WireError, OSError) as error:
            return self._crashed(child, reader, str(error))
        return packet if packet is not None else self._crashed(child, reader, "no reply")

    def _crashed(self, child: Child, reader: _Reader, reason: str) -> Failure:
        status = child.end()
        reader.drain()
        printed = plain(reader.printed.decode(errors="replace").strip(), OUTPUT_KEPT)
        return Failure("crash", "crash", f"{reason} (exit status {status}) {printed}".strip(), status=status)


class _Reader:
    """Reads a child's reply until the deadline, and keeps the end of what it prints.

    A deadline is wall clock, and a busy machine gives a child little of it: one that has had less than STARVED of it as
    CPU time, and goes on taking some, gets it again, up to LONGEST times. One that sleeps or spins gets nothing more.
    """

    def __init__(self, child: Child, end: float, deadline: float) -> None:
        self._child = child
        self._end = end
        self._deadline = deadline
        self._left = LONGEST - 1
        self._cpu_seconds = 0.0
        self._poll = select.poll()
        self._poll.register(child.connection, select.POLLIN)
        self._poll.register(child.output, select.POLLIN)
        self.printed = b""

    def __call__(self, count: int) -> bytes:
        while True:
            remaining = self._end - time.monotonic()
            if remaining <= 0:
                if not self._starved():
                    raise TimeoutError
                self._end = time.monotonic() + self._deadline
                continue
            ready = {descriptor for descriptor, _ in self._poll.poll(remaining * 1000)}
            if self._child.output in ready and not self.drain():
                self._poll.unregister(self._child.output)
            if self._child.connection.fileno() in ready:
                return self._child.connection.recv(count)

    def _starved(self) -> bool:
        """Whether the child has another deadline to get; called at the end of each."""
        before, self._cpu_seconds = self._cpu_seconds, self._child.cpu_seconds()
        self._left -= 1
        taken = self._cpu_seconds - before
        return self._left >= 0 and taken > ALIVE * self._deadline and self._cpu_seconds < STARVED * self._deadline

    def drain(self) -> bool:
        """Take what was printed; False when nothing more can come."""
        try:
            chunk = os.read(self._child.output, 65_536)
        except BlockingIOError:
            return True
        self.printed = (self.printed + chunk)[-OUTPUT_KEPT:]
        return bool(chunk)
