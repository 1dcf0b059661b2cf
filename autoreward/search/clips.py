"""Clips of a run's candidates: the best of each generation, drawn while a search runs.

Every clip shows the same episode: the first evaluation episode of the first seed, so that all candidates start from
the same state, under the same camera.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from types import TracebackType
from typing import Any, Self

import numpy as np
from jaxtyping import Num

from autoreward.environment.clips import ClipMaker
from autoreward.environment.stills import STILL_FORM, read_stills
from autoreward.errors import (
    AutorewardError,
    NoValidCandidateError,
    UnknownNameError,
    UsageError,
)
from autoreward.ledger import Run
from autoreward.ledger.recordings import read_recordings
from autoreward.ledger.trust import trusted_pack
from autoreward.views import NoteEvent
from autoreward.views.next_commands import run_name

PATIENCE = 300.0  # [s] that the end of a search waits for its last clips
TERM_PICTURES = "terms"  # the folder of a candidate with the pictures of its terms
EPISODES = ("first", "best", "worst")
Movement = Callable[[], Num[np.ndarray, "L m"]]  # makes what a clip shows


class Clips:
    """Draws clips behind a search, one at a time. What goes wrong is said once, and disturbs nothing else.

    Args:
        run: open for writing.
        on_event: gets one line where no clip can be drawn.
        wanted: False draws none.
    """

    def __init__(self, run: Run, on_event: Callable[[Any], None], wanted: bool) -> None:
        self._run = run
        self._on_event = on_event
        self._wanted = wanted
        self._maker = ClipMaker()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="clips")
        self._waiting: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wanted = False
        self._maker.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def show(self, candidate: str) -> None:
        """Draw a candidate's clip some time soon."""
        if self._wanted and not (self._run.path / clip_file(candidate)).is_file():
            movement = partial(self._first_episode, candidate)
            self._waiting.append(self._pool.submit(self._draw, clip_file(candidate), movement))

    def film(self, file: str, movement: Movement) -> str | None:
        """Draw a movement now; where its clip lies, or None where there is none.

        Args:
            file: in the run.
            movement: gives what a clip needs of each step `[L, m]`.
        """
        path = self._run.path / file
        if self._wanted and not path.is_file():
            wait([self._pool.submit(self._draw, file, movement)], PATIENCE)
        return str(path) if path.is_file() else None

    def stills(self, movement: Movement) -> tuple[bytes, ...]:
        """Pictures of a movement with their times, PNG files; () where nothing can be drawn."""
        if not self._wanted:
            return ()
        try:
            return self._pool.submit(self._draw_stills, movement).result(PATIENCE)
        except TimeoutError:
            self._on_event(NoteEvent(text=f"No pictures: they were not drawn within {PATIENCE:.0f} s."))
            return ()

    def _draw_stills(self, movement: Movement) -> tuple[bytes, ...]:
        try:
            return read_stills(self._maker.draw(trusted_pack(self._run), movement(), STILL_FORM))
        except AutorewardError as error:
            self._on_event(NoteEvent(text=f"{error.message} {error.remedy}".strip()))
            return ()

    @property
    def busy(self) -> bool:
        """Whether a clip is still being drawn."""
        return any(not waiting.done() for waiting in self._waiting)

    def finish(self) -> None:
        """Wait until the clips are there, for a while; those that are not are said."""
        late = len(wait(self._waiting, PATIENCE).not_done)
        if late and self._wanted:
            self._wanted = False  # once is enough
            self._on_event(
                NoteEvent(
                    text=f"{late} clip{'s' * (late > 1)} not drawn within {PATIENCE:.0f} s: left out. "
                    f"One can be drawn later: autoreward video {run_name(self._run.path)}:CANDIDATE"
                )
            )

    def _first_episode(self, candidate: str) -> Num[np.ndarray, "L m"]:
        return episode_of(self._run, candidate, "first", None)[1]

    def _draw(self, file: str, movement: Movement) -> None:
        try:
            if self._wanted:
                self._run.write_file(file, self._maker.draw(trusted_pack(self._run), movement()))
        except (AutorewardError, OSError) as error:
            message = error.message if isinstance(error, AutorewardError) else str(error)
            remedy = error.remedy if isinstance(error, AutorewardError) else ""
            if self._wanted:  # once is enough, and nothing is said of a search that was stopped
                self._on_event(NoteEvent(text=f"{message} {remedy}".strip()))
            self._wanted = False


def clip_file(candidate: str) -> str:
    """Where a candidate's clip is kept in its run."""
    return f"candidates/{candidate}/video.mp4"


def episode_of(run: Run, candidate: str, episode: str, seed: int | None) -> tuple[int, Num[np.ndarray, "L m"]]:
    """The seed of a recorded evaluation episode, and its movement.

    Raises:
        NoValidCandidateError: the candidate has no recording.
        UsageError: it has none of this episode and seed.
    """
    if episode not in EPISODES:
        raise UnknownNameError("episode", episode, EPISODES)
    recordings = read_recordings(run, candidate, ["clip"], missing_ok=True)
    if not recordings:
        raise NoValidCandidateError(
            f"{run.id}: no movement of {candidate} was recorded.",
            f"Was it trained? autoreward show {run_name(run.path)}",
        )
    seeds = {one.seed: one.clips[episode] for one in recordings if episode in one.clips}
    chosen = min(seeds, default=None) if seed is None else seed
    if chosen is None or chosen not in seeds:
        raise UsageError(
            f"{candidate}: no {episode} episode of seed {seed} was recorded.",
            f"Recorded: {', '.join(f'{episode} of seed {one}' for one in sorted(seeds)) or 'none'}.",
        )
    return chosen, seeds[chosen]
