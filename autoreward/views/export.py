"""What `export`, `video` and `init` return and print: files that were written."""

from __future__ import annotations

from autoreward.views.view import View


class ExportView(View):
    """`export`: what was written."""

    files: tuple[str, ...]
    notes: tuple[str, ...] = ()  # what was left out, and why


class ClipView(View):
    """`video`: the clip that was written, or why nothing could be drawn."""

    run: str
    candidate: str
    file: str | None
    seed: int
    episode: str  # "first", "best" or "worst" of the seed's evaluation episodes
    problem: str | None = None  # why there is no file, and the cure


class InitView(View):
    """`init`: the task file that was written."""

    file: str
