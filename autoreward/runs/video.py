"""`video`: the clip of a candidate as a file, drawn on demand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from autoreward.environment.clips import SUFFIXES, ClipMaker
from autoreward.environment.replays import make_replay
from autoreward.errors import NoValidCandidateError, RenderingError
from autoreward.ledger import Run
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_output_file, output_errors
from autoreward.ledger.trust import trusted_pack
from autoreward.search.clips import EPISODES, clip_file, episode_of
from autoreward.search.leaderboard import read_leaderboard
from autoreward.views import ClipView
from autoreward.views.next_commands import run_name

REPLAY = ".html"  # the form of a replay in 3-D
HEADS = (b"ftyp", b"GIF8", b"<!doctype html")  # stand at the beginning of a clip, which a new one may replace


def draw_video(folder: Path, candidate: str | None, file: Path | None, episode: str, seed: int | None) -> ClipView:
    """Write the clip of a candidate to a file; where nothing can be drawn the view says why.

    Args:
        candidate: by default the best.
        file: ends in .mp4, .gif, or .html for a replay in 3-D; by default `SUFFIX_CANDIDATE.mp4` here.
        episode: "first", "best" or "worst" of its evaluation episodes.
        seed: whose first episode; None: the first seed.

    Raises:
        NoValidCandidateError: the candidate was not trained, or nothing was.
        UsageError: the run has no such episode, or was made before clips were recorded; or the file has another suffix,
            or stands there and is no clip.
        StorageError: the file cannot be written.
    """
    if file is not None:
        check_output_file(file, suffixes=(*SUFFIXES, REPLAY), heads=HEADS)
    with Run.open(folder, write=False) as run:
        shown = candidate or _best_candidate(run)
        target = file or Path(f"{run.id.rpartition('_')[2]}_{shown}.mp4")
        check_output_file(target, heads=HEADS)
        recorded_seed, qpos = episode_of(run, shown, episode, seed)
        kept = run.path / clip_file(shown)
        suffix = target.suffix.lower()
        usual = (episode, seed, suffix) == (EPISODES[0], None, SUFFIXES[0]) and kept.is_file()
        clip = ClipView(run=run.id, candidate=shown, file=str(target), seed=recorded_seed, episode=episode)
        try:
            drawn = kept.read_bytes() if usual else _drawn(trusted_pack(run), qpos, suffix)
        except RenderingError as error:
            return clip.model_copy(update={"file": None, "problem": f"{error.message} {error.remedy}"})
        with output_errors(target):
            write_atomic(target, drawn)
        return clip


def _drawn(env: str, movement: NDArray[Any], suffix: str) -> bytes:
    return make_replay(env, movement) if suffix == REPLAY else ClipMaker().draw(env, movement, suffix)


def _best_candidate(run: Run) -> str:
    best = read_leaderboard(run).best
    if best is None:
        raise NoValidCandidateError(
            f"{run.id}: no candidate was trained.", f"See why: autoreward show {run_name(run.path)}"
        )
    return best.id
