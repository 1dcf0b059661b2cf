"""What came of runs: shown, drawn, and exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autoreward.api.arguments import chosen_settings, find_folder
from autoreward.config import Settings
from autoreward.views import ClipView, ConversationView, ExportView, RunReport, RunSummary, TermPicturesView


def show(run: str = "last", *, settings: Settings | None = None) -> RunReport:
    """What came of a run; with `RUN:g01c02` also that candidate's source and analysis."""
    from autoreward.ledger import Run
    from autoreward.runs.report import run_report

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    with Run.open(folder, write=False) as opened:
        return run_report(opened, candidate)


def conversation(run: str, *, settings: Settings | None = None) -> ConversationView:
    """What the designer was asked for a candidate (`RUN:g01c02`), and what it said, repairs included.

    Raises:
        UnknownNameError: there is no such run, or nothing was asked for this candidate.
    """
    from autoreward.ledger import Run
    from autoreward.runs.conversation import read_conversation

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    with Run.open(folder, write=False) as opened:
        return read_conversation(opened, candidate)


def plot_terms(run: str = "last", *, settings: Settings | None = None) -> TermPicturesView:
    """Draw each term of the best candidate, or of one (`RUN:g01c02`), over the fields that it reads, as PNG files.

    Raises:
        NoValidCandidateError: there is no reward that passed the critic.
        StorageError: the run's folder cannot be written.
    """
    from autoreward.workflows.term_plots import draw_terms

    chosen = chosen_settings(settings, {})
    return draw_terms(*find_folder(run, chosen), chosen.require_isolation)


def list_runs(folder: str | Path = "runs") -> list[RunSummary]:
    """The runs in a folder, oldest first; one that cannot be read is listed with the reason.

    Raises:
        StorageError: the folder itself cannot be read.
    """
    from autoreward.ledger import list_runs as find_all
    from autoreward.runs.report import summary_of

    return [summary_of(path) for path in find_all(Path(folder))]


def export(
    run: str,
    directory: str | Path,
    *,
    replace: bool = False,
    to: Sequence[str] = (),
    settings: Settings | None = None,
) -> ExportView:
    """Write the best reward of a run, or one candidate's (`RUN:g01c02`), as files that work without autoreward.

    Args:
        directory: made where it does not exist. The same candidate is exported into it again, nothing else is replaced.
        replace: also the export of another candidate, and one whose files were changed.
        to: other tools to write the reward terms for: "mjlab", "isaaclab", "playground".

    Returns:
        The files written: `reward.py` (numpy), `wrapper.py` around the Gymnasium environment that is mirrored, or
        `env.py` for one without a mirror, `policy.py` (numpy) and `policy.onnx`, and `PROVENANCE.json`; and a line on
        each thing that could not be written.

    Raises:
        UnknownNameError: there is no such run or candidate.
        NoValidCandidateError: there is no reward that passed the critic.
        UsageError: the directory holds something that is not to be replaced, or is none.
        StorageError: the directory cannot be written.
    """
    from autoreward.runs.exports import export_run

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    return export_run(folder, candidate, Path(directory), replace=replace, targets=tuple(to))


def video(
    run: str,
    file: str | Path | None = None,
    *,
    episode: str = "first",
    seed: int | None = None,
    settings: Settings | None = None,
) -> ClipView:
    """Draw the policy of the best candidate of a run, or of one (`RUN:g01c02`), as an MP4 or GIF file.

    Where nothing can be drawn, the view has no file, and its `problem` says why and what to install.

    Args:
        file: where to write, ending in .mp4 or .gif; an older clip is replaced. By default `SUFFIX_CANDIDATE.mp4` in
            the working directory.
        episode: "first", the first evaluation episode of a seed, which starts in the same state for every candidate;
            "best" or "worst" of all evaluation episodes.
        seed: whose first episode; the first seed by default.

    Raises:
        NoValidCandidateError: nothing was trained.
        UsageError: there is no such episode, the file has another suffix, or what lies there is no clip.
    """
    from autoreward.runs.video import draw_video

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    return draw_video(folder, candidate, Path(file) if file is not None else None, episode, seed)
