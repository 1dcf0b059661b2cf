"""Replays of trajectories in 3-D: one page each, made in a process of its own (extra `viewer`)."""

from __future__ import annotations

import io
import os
import signal
import subprocess
from typing import Any

from numpy.typing import NDArray

from autoreward import process_environment, wire
from autoreward.errors import RenderingError

DEADLINE = 600.0  # [s]
PAGE_LIMIT = 1 << 30  # [bytes]
NOT_INSTALLED = "the viewer is not installed"


def make_replay(env: str, movement: NDArray[Any]) -> bytes:
    """A page with the movement in 3-D, as a file that opens without a network.

    Args:
        env: name of a pack, or the path of one outside the installation.
        movement: `[L, nq]`, the positions of each control step.

    Raises:
        RenderingError: it cannot be made here; the message says why.
    """
    request = wire.encode({"env": env}, wire.pack_arrays({"movement": movement}))
    process = subprocess.Popen(
        process_environment.child_command("-m", "autoreward.environment.replay_worker"),
        env=process_environment.worker_environment() | process_environment.WITHOUT_WINDOWS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        answer, said = process.communicate(request, timeout=DEADLINE)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise RenderingError(
            f"No 3-D replay: not done within {DEADLINE:.0f} s.", "Try again when less runs."
        ) from error
    packet = wire.read(io.BytesIO(answer).read, PAGE_LIMIT) if process.returncode == 0 else None
    if packet is None:
        lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
        raise RenderingError(f"No 3-D replay: {lines[-1][:200] if lines else 'no answer'}.", _cure(lines))
    return packet.parts["page"]


def _cure(lines: list[str]) -> str:
    missing = any(NOT_INSTALLED in line for line in lines)
    return "pip install 'autoreward[viewer]'" if missing else "The clip shows the same: autoreward video."
