"""Clips of candidates for people who want to see them now: drawn where they are missing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from autoreward.environment.clips import ClipMaker
from autoreward.errors import StorageError
from autoreward.ledger import Run
from autoreward.ledger.files import write_atomic
from autoreward.ledger.trust import trusted_pack
from autoreward.search.clips import EPISODES, clip_file, episode_of


def candidate_clip(run: Run, candidate: str, episode: str = "first") -> Path:
    """The file with the clip of a candidate, in its run.

    Needs no lock: a clip is made of recordings that never change, so whoever draws it draws the same.

    Args:
        episode: "first": the same start for all candidates; "best" or "worst".

    Raises:
        NoValidCandidateError: no movement of it was recorded.
        RenderingError: nothing can be drawn here.
        StorageError: the folder of the run cannot be written.
    """
    path = _file(run, candidate, episode)
    if not path.is_file():
        _, qpos = episode_of(run, candidate, episode, None)
        keep_made(run, path, ClipMaker().draw(trusted_pack(run), qpos))
    return path


def keep_made(run: Run, path: Path, made: bytes) -> None:
    """Write what took a while to make into a run, unless the run was deleted meanwhile: it is not to come back.

    Raises:
        StorageError: it was, or the folder cannot be written.
    """
    if not run.path.is_dir():
        raise StorageError(f"{run.id} was deleted meanwhile.", "`autoreward list` names the runs there are.")
    write_atomic(path, made)


def drawn_clip(run: Run, candidate: str, episode: str = "first") -> Path | None:
    """The file with the clip of a candidate, where it was drawn."""
    path = _file(run, candidate, episode)
    return path if path.is_file() else None


def _file(run: Run, candidate: str, episode: str) -> Path:
    path = run.path / clip_file(candidate)
    return path if episode == EPISODES[0] else path.with_name(f"{episode}.mp4")


def clip_digest(run: Run, candidate: str) -> str | None:
    """SHA-256 of a candidate's clip; None where it was not drawn."""
    path = run.path / clip_file(candidate)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
