"""`video`: the clip of a candidate as a file, drawn on demand."""

from __future__ import annotations

from pathlib import Path

from autoreward.environment.clips import ClipMaker
from autoreward.errors import NoValidCandidateError, RenderingError
from autoreward.ledger import Run
from autoreward.ledger.files import write_atomic
from autoreward.ledger.trust import trusted_pack
from autoreward.search.clips import EPISODES, clip_file, episode_of
from autoreward.search.leaderboard import read_leaderboard
from autoreward.views import ClipView
from autoreward.views.next_commands import run_name


def draw_video(folder: Path, candidate: str | None, file: Path | None, episode: str, seed: int | None) -> ClipView:
    """Write the clip of a candidate to a file; where nothing can be drawn the view says why.

    Args:
        candidate: by default the best.
        file: by default `SUFFIX_CANDIDATE.mp4` in the working directory.
        episode: "first", "best" or "worst" of its evaluation episodes.
        seed: whose first episode; None: the first seed.

    Raises:
        NoValidCandidateError: the candidate was not trained, or nothing was.
        UsageError: the run has no such episode, or was made before clips were recorded.
    """
    with Run.open(folder, write=False) as run:
        shown = candidate or _best_candidate(run)
        target = file or Path(f"{run.id.rpartition('_')[2]}_{shown}.mp4")
        recorded_seed, qpos = episode_of(run, shown, episode, seed)
        kept = run.path / clip_file(shown)
        usual = episode == EPISODES[0] and seed is None and kept.is_file()
        clip = ClipView(run=run.id, candidate=shown, file=str(target), seed=recorded_seed, episode=episode)
        try:
            write_atomic(target, kept.read_bytes() if usual else ClipMaker().draw(trusted_pack(run), qpos))
        except RenderingError as error:
            return clip.model_copy(update={"file": None, "problem": f"{error.message} {error.remedy}"})
        return clip


def _best_candidate(run: Run) -> str:
    best = read_leaderboard(run).best
    if best is None:
        raise NoValidCandidateError(
            f"{run.id}: no candidate was trained.", f"See why: autoreward show {run_name(run.path)}"
        )
    return best.id
