"""Clips of trajectories: off-screen, in a process of its own, with the first GL backend that works here."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import Any

from numpy.typing import NDArray

from autoreward import process_environment, wire
from autoreward.asked_child import ask, start_child
from autoreward.errors import RenderingError

DEADLINE = 600.0  # [s], one clip
SUFFIXES = (".mp4", ".gif")  # the forms of a clip
CLIP_LIMIT = 1 << 30  # [bytes]
LONGEST = 15.0  # [s] of simulated time that a clip shows
OWN_PLATFORM = ("egl", "osmesa")  # backends for which PyOpenGL has to be told the same


class ClipMaker:
    """Draws clips one after the other, and remembers which backend works; `close` from another thread ends it."""

    def __init__(self) -> None:
        self._backends = process_environment.gl_backends()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def draw(self, env: str, movement: NDArray[Any], suffix: str = SUFFIXES[0]) -> bytes:
        """A clip as a file.

        Args:
            env: name of a pack, the path of one outside the installation, or the reference of somebody else's.
            movement: `[L, m]`, one row a control step: qpos, or seed and action of somebody else's environment.
            suffix: of `SUFFIXES`: which form it has.

        Raises:
            RenderingError: no GL backend works here; the message says what to do.
        """
        question, parts = {"env": env, "suffix": suffix}, wire.pack_arrays({"movement": movement})
        failures = []
        for backend in self._backends:
            clip, failure = self._attempt(backend, question, parts)
            if clip is not None:
                self._backends = (backend,)
                return clip
            failures.append(f"{backend}: {failure}")
        raise RenderingError(
            f"No clip: nothing can be drawn here ({'; '.join(failures)}).",
            "`autoreward doctor` says what to install for each GL backend; MUJOCO_GL chooses one.",
        )

    def close(self) -> None:
        """End the drawing that runs, and draw no more."""
        with self._lock:
            self._closed = True
            if self._process is not None and self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _attempt(
        self, backend: str, question: Mapping[str, str], parts: Mapping[str, bytes]
    ) -> tuple[bytes | None, str]:
        """The clip, or why this backend made none."""
        with TemporaryDirectory(prefix="autoreward-clip-", ignore_cleanup_errors=True) as folder:
            with self._lock:
                if self._closed:
                    return None, "stopped"
                self._process = child = _start(backend)
            try:
                reply = ask(child, wire.encode({**question, "folder": folder}, parts), DEADLINE, CLIP_LIMIT)
            except TimeoutError as error:
                return None, str(error)
        return (reply.packet.parts["clip"], "") if reply.packet is not None else (None, reply.last_words())


def _start(backend: str) -> subprocess.Popen[bytes]:
    # Drawing without a GPU would use every core: one is left to it, the others to the search.
    changes = {"MUJOCO_GL": backend, "LP_NUM_THREADS": "1"}
    if backend in OWN_PLATFORM:
        changes["PYOPENGL_PLATFORM"] = backend
    return start_child("autoreward.environment.clip_worker", changes)
