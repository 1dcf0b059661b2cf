"""Replays of trajectories in 3-D: one page each, made in a process of its own (extra `viewer`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from autoreward import wire
from autoreward.asked_child import ask, start_child
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
    try:
        reply = ask(start_child("autoreward.environment.replay_worker"), request, DEADLINE, PAGE_LIMIT)
    except TimeoutError as error:
        raise RenderingError(f"No 3-D replay: {error}.", "Try again when less runs.") from error
    if reply.packet is None:
        raise RenderingError(f"No 3-D replay: {reply.last_words()}.", _cure(reply.lines))
    return reply.packet.parts["page"]


def _cure(lines: Sequence[str]) -> str:
    missing = any(NOT_INSTALLED in line for line in lines)
    return "pip install 'autoreward[viewer]'" if missing else "The clip shows the same: autoreward video."
