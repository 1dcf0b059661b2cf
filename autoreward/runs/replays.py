"""Replays of candidates in 3-D: made from what was recorded, when somebody asks or when a search has ended."""

from __future__ import annotations

from pathlib import Path

from autoreward.environment.replays import make_replay
from autoreward.errors import RenderingError
from autoreward.ledger import Run
from autoreward.ledger.trust import trusted_pack
from autoreward.runs.clips import keep_made
from autoreward.search.clips import episode_of
from autoreward.search.leaderboard import read_leaderboard

REPLAY = "replay.html"  # in the folder of a candidate


def candidate_replay(run: Run, candidate: str) -> Path:
    """The page with the first evaluation episode of a candidate in 3-D, in its run; made where it is missing.

    Needs no lock, like a clip: whoever makes it makes the same.

    Raises:
        NoValidCandidateError: no movement of it was recorded.
        RenderingError: it cannot be made here.
        StorageError: the folder of the run cannot be written.
    """
    path = _file(run, candidate)
    if not path.is_file():
        _, qpos = episode_of(run, candidate, "first", None)
        keep_made(run, path, make_replay(trusted_pack(run), qpos))
    return path


def made_replay(run: Run, candidate: str) -> Path | None:
    """The page with a candidate in 3-D, where it was made."""
    path = _file(run, candidate)
    return path if path.is_file() else None


def _file(run: Run, candidate: str) -> Path:
    return run.path / "candidates" / candidate / REPLAY


def write_best_replay(run: Run) -> Path | None:
    """The replay of the best candidate, once a search has ended; None where none can be made here."""
    best = read_leaderboard(run).best
    if best is None or not run.settings.design.clips:
        return None
    try:
        return candidate_replay(run, best.id)
    except RenderingError:  # the viewer is optional; who asks for a replay is told
        return None
