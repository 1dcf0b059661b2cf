"""Clips of the episodes that a proposed metric puts first and last among those that nobody designed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from autoreward.environment.clips import LONGEST, ClipMaker
from autoreward.errors import RenderingError
from autoreward.ledger.files import write_atomic
from autoreward.records import DraftVerdict, ShownEpisode
from autoreward.search.clips import Clips
from autoreward.search.metric_drafts import Drafting
from autoreward.views import EpisodeView, NoteEvent

Movement = Callable[[], Float32[np.ndarray, "L nq"]]
Draw = Callable[[ShownEpisode, Movement], str | None]  # where the clip lies; None: it cannot be drawn


def film_in_run(clips: Clips, drafting: Drafting, verdict: DraftVerdict) -> tuple[EpisodeView, ...]:
    """The episodes of a proposed draft, their clips in the folder of the run: `metric/m03_best.mp4`."""

    def draw(shown: ShownEpisode, movement: Movement) -> str | None:
        return clips.film(f"metric/{verdict.draft.id}_{shown.label}.mp4", movement)

    return _film(drafting, verdict, draw)


class FilmBeside:
    """Draws the episodes of a proposed draft beside a file: `metric.py` has `metric_best.mp4`.

    Args:
        file: whose clips they are.
        tell: gets a line where nothing can be drawn.
    """

    def __init__(self, file: Path, drafting: Drafting, tell: Callable[[Any], None]) -> None:
        self._file, self._drafting, self._tell = file, drafting, tell
        self._maker: ClipMaker | None = ClipMaker()  # None: nothing can be drawn here

    def __call__(self, verdict: DraftVerdict) -> tuple[EpisodeView, ...]:
        """The episodes, with their clips."""
        return _film(self._drafting, verdict, self._draw)

    def _draw(self, shown: ShownEpisode, movement: Movement) -> str | None:
        if self._maker is None:
            return None
        path, environment = self._file.with_name(f"{self._file.stem}_{shown.label}.mp4"), self._drafting.environment
        try:
            write_atomic(path, self._maker.draw(environment.path or environment.spec.name, movement()))
        except RenderingError as error:
            self._maker = None
            self._tell(NoteEvent(text=f"{error.message} {error.remedy}".strip()))
            return None
        return str(path)


def _film(drafting: Drafting, verdict: DraftVerdict, draw: Draw) -> tuple[EpisodeView, ...]:
    steps = round(LONGEST / drafting.environment.spec.control_period)

    def view(shown: ShownEpisode) -> EpisodeView:
        file = draw(shown, lambda: drafting.episodes.movement(shown.episode)[:steps])
        return EpisodeView(
            label=shown.label, way=shown.way, success=shown.success, progress=shown.progress, clip=file
        )  # fmt: skip

    return tuple(view(shown) for shown in verdict.shown)
