"""What pages show of runs: data for the templates of `autoreward.pages`, and the report made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from autoreward.api.arguments import chosen_settings, find_folder
from autoreward.config import Settings
from autoreward.errors import UnknownNameError
from autoreward.views import ReportView, TrackView

if TYPE_CHECKING:
    from autoreward.pages.candidate_page import CandidatePage
    from autoreward.pages.metric_page import MetricPage
    from autoreward.pages.run_page import RunPage
    from autoreward.pages.state import Spends, State


def report(
    run: str = "last",
    directory: str | Path | None = None,
    *,
    single: str | Path | None = None,
    settings: Settings | None = None,
) -> ReportView:
    """Write what came of a run as a page that opens without a server and without a network.

    Args:
        directory: where the page and its clips are written.
        single: or the file that holds everything, its clips too.

    Raises:
        UsageError: neither or both are given, or something else stands there.
        StorageError: it cannot be written.
    """
    from autoreward.errors import UsageError
    from autoreward.pages.static_report import write_report

    if (directory is None) == (single is None):
        raise UsageError("A report is written into a folder or into one file.", "-o DIR, or --single FILE.html.")
    folder, _ = find_folder(run, chosen_settings(settings, {}))
    return write_report(folder, Path(directory) if directory else None, Path(single) if single else None)


def track(
    run: str = "last",
    to: Literal["tensorboard", "wandb"] = "tensorboard",
    directory: str | Path | None = None,
    *,
    settings: Settings | None = None,
) -> TrackView:
    """Write the curves, hyper-parameters, clips and the final table of a run for TensorBoard or Weights & Biases.

    Args:
        directory: where to; in the run's folder by default.

    Raises:
        EnvironmentFailedError: the extra `track` is not installed, or the library fails.
        StorageError: it cannot be written.
    """
    from autoreward.runs.tracking import TARGETS, track_run

    if to not in TARGETS:
        raise UnknownNameError("target", to, TARGETS)
    folder, _ = find_folder(run, chosen_settings(settings, {}))
    return track_run(folder, to, Path(directory) if directory else None)


def run_page(run: str, *, settings: Settings | None = None) -> RunPage:
    """What the page of a run shows."""
    from autoreward.ledger import Run
    from autoreward.pages.run_page import run_page

    with Run.open(find_folder(run, chosen_settings(settings, {}))[0], write=False) as opened:
        return run_page(opened)


def candidate_page(run: str, *, settings: Settings | None = None) -> CandidatePage:
    """What the page of a candidate (`RUN:g01c02`) shows.

    Raises:
        UnknownNameError: there is no such candidate.
    """
    from autoreward.ledger import Run
    from autoreward.pages.candidate_page import candidate_page

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    with Run.open(folder, write=False) as opened:
        return candidate_page(opened, candidate or "")


def metric_page(run: str, *, settings: Settings | None = None) -> MetricPage:
    """What the page about the success metric of a run shows."""
    from autoreward.ledger import Run
    from autoreward.pages.metric_page import metric_page

    with Run.open(find_folder(run, chosen_settings(settings, {}))[0], write=False) as opened:
        return metric_page(opened)


def clip(run: str, *, episode: str = "first", draw: bool = True, settings: Settings | None = None) -> Path | None:
    """The file with the clip of a candidate (`RUN:g01c02`) in its run, drawn where it is missing.

    Args:
        episode: "first", "best" or "worst" of its evaluation episodes.
        draw: where it is missing, which may take minutes without a GPU; else None then.

    Raises:
        NoValidCandidateError, UnknownNameError: there is no such candidate or episode.
        RenderingError: nothing can be drawn here.
    """
    from autoreward.ledger import Run
    from autoreward.runs.clips import candidate_clip, drawn_clip

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    with Run.open(folder, write=False) as opened:
        if draw:
            return candidate_clip(opened, candidate or "", episode)
        return drawn_clip(opened, candidate or "", episode)


def replay(run: str, *, make: bool = True, settings: Settings | None = None) -> Path | None:
    """The page with a candidate (`RUN:g01c02`; the best by default) in 3-D, in its run.

    Args:
        make: where it is missing, which takes a while; else None then.

    Raises:
        NoValidCandidateError, UnknownNameError: there is no such candidate, or no movement of it.
        RenderingError: it cannot be made here, for instance because the extra `viewer` is not installed.
    """
    from autoreward.ledger import Run
    from autoreward.runs.replays import candidate_replay, made_replay
    from autoreward.runs.report import find_accepted

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    with Run.open(folder, write=False) as opened:
        name = candidate or find_accepted(opened, None, "show")[0].id
        return candidate_replay(opened, name) if make else made_replay(opened, name)


def steps_of_clips(run: str, candidates: Sequence[str], *, settings: Settings | None = None) -> Mapping[str, int]:
    """How many control steps the clip of each candidate shows."""
    from autoreward.ledger import Run
    from autoreward.pages.candidate_page import steps_shown

    with Run.open(find_folder(run, chosen_settings(settings, {}))[0], write=False) as opened:
        return {name: steps_shown(opened, name) for name in candidates}


def state(run: str, *, settings: Settings | None = None) -> State:
    """How far a run has come: when this changes, its page does."""
    from autoreward.ledger import Run
    from autoreward.pages.state import read_state

    with Run.open(find_folder(run, chosen_settings(settings, {}))[0], write=False) as opened:
        return read_state(opened)


def spends(run: str, *, settings: Settings | None = None) -> Spends:
    """What one more generation of a run would take."""
    from autoreward.ledger import Run
    from autoreward.pages.state import one_generation

    with Run.open(find_folder(run, chosen_settings(settings, {}))[0], write=False) as opened:
        return one_generation(opened)


def delete_run(run: str, *, settings: Settings | None = None) -> None:
    """Delete a run with everything in it.

    Raises:
        RunLockedError: somebody works on it.
        StorageError: it cannot be deleted.
    """
    from autoreward.ledger.deletion import delete_run

    delete_run(find_folder(run, chosen_settings(settings, {}))[0])
