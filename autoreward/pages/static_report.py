"""A run as one page that opens from a disk, without a server and without a network."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autoreward.ledger import Run
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_output_file, check_output_folder, output_errors
from autoreward.pages.candidate_page import candidate_page
from autoreward.pages.rendering import asset, page_environment
from autoreward.pages.run_page import run_page
from autoreward.records import MetricSpec
from autoreward.search.leaderboard import read_leaderboard
from autoreward.views import ReportView

HEAD = b"<!-- autoreward "  # begins every page that may be replaced
PAGE = "index.html"
CLIPS = "clips"
SAME = "same:"  # begins the source of a clip that stands elsewhere on the page
BEST_REPORT = "best/report.html"  # in a run
ORIGINS = {
    "model": "found in the text by a language model",
    "task": "of the task",
    "file": "a file of a person",
    "expression": "an expression of a person",
}


@dataclass(frozen=True)
class FileLinks:
    """Links within one page, and where its clips lie."""

    run_folder: Path
    place: Callable[[Path], str]  # what the page calls the file of a clip
    placed: set[str] = field(default_factory=set)  # clips that the page holds already

    def run(self, part: str = "") -> str:
        """A part of the page."""
        return f"#{part}"

    def candidate(self, name: str) -> str:
        """The part about a candidate."""
        return f"#{name}"

    def clip(self, name: str, episode: str = "first") -> str | None:
        """The clip of an episode, where it was drawn; the second time only which one it is, as it may be embedded."""
        file = self.run_folder / "candidates" / name / ("video.mp4" if episode == "first" else f"{episode}.mp4")
        if not file.is_file():
            return None
        known = f"{name}/{episode}"
        if known in self.placed:
            return f"{SAME}{known}"
        self.placed.add(known)
        return self.place(file)


def write_report(folder: Path, directory: Path | None, single: Path | None) -> ReportView:
    """Write the report of a run.

    Args:
        directory: a folder for the page and its clips.
        single: or a file with everything in it.

    Raises:
        UsageError: something stands there that no report is.
        StorageError: it cannot be written.
    """
    target = single if single is not None else (directory or Path()) / PAGE
    if single is None:
        check_output_folder(target.parent)
    check_output_file(target, suffixes=(".html", ".htm"), heads=(HEAD,))
    with Run.open(folder, write=False) as run, output_errors(target):
        if single is not None:
            return _write(run, target, _embedded)
        clips = target.parent / CLIPS

        def copied(file: Path) -> str:
            clips.mkdir(parents=True, exist_ok=True)
            name = f"{file.parent.name}_{file.name}"
            shutil.copyfile(file, clips / name)
            return f"{CLIPS}/{name}"

        return _write(run, target, copied)


def write_best_report(run: Run) -> None:
    """The report that lies in a run beside its best reward; the caller holds the run."""
    run.write_file(BEST_REPORT, render_report(run, lambda file: os.path.relpath(file, run.path / "best"), held=True))


def _write(run: Run, target: Path, place: Callable[[Path], str]) -> ReportView:
    placed: list[str] = []

    def noted(file: Path) -> str:
        placed.append(str(file))
        return place(file)

    write_atomic(target, render_report(run, noted))
    return ReportView(run=run.id, file=str(target), clips=len(set(placed)))


def render_report(run: Run, place: Callable[[Path], str], held: bool = False) -> str:
    """The page.

    Args:
        place: what it calls the file of a clip.
        held: the caller holds the run.
    """
    page, leaderboard = run_page(run, held), read_leaderboard(run)
    style, script = asset("page.css"), asset("page.js")
    return (
        page_environment()
        .get_template("report.html.j2")
        .render(
            page=page,
            candidates=[candidate_page(run, row.report.id, leaderboard) for row in page.candidates],
            links=FileLinks(run.path, place),
            provenance=_provenance(run),
            style=style,
            script=script,
            policy=(
                f"default-src 'none'; style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(script)}'; "
                "media-src 'self' file: data:; base-uri 'none'; form-action 'none'"
            ),
        )
    )


def _embedded(file: Path) -> str:
    return f"data:video/mp4;base64,{base64.b64encode(file.read_bytes()).decode()}"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _provenance(run: Run) -> list[tuple[str, str]]:
    """Where the numbers come from."""
    settings, metric = run.settings, run.task.metric
    design = settings.design
    first = next(iter(run.events()), None)
    facts = [
        ("begun", first.created if first else ""),
        ("designer", settings.llm.model or "chosen at the start"),
        ("search", f"{design.candidates} candidates, {design.generations} generations, {design.seeds} seeds"),
        *([("method", design.method)] if design.method != "ours" else []),
        *([("tuned", f"{design.tune_weights} candidates more")] if design.tune_weights else []),
        ("training", f"{design.n_timesteps:,} environment steps a member, seed {design.seed}"),
        ("measured on", f"{design.final_seeds} fresh seeds, {design.evaluation_episodes} episodes each"),
    ]
    facts += _of_metric(metric) if metric else [("metric", "none")]
    return [*facts, *((name, str(version)) for name, version in run.versions.items() if isinstance(version, str))]


def _of_metric(metric: MetricSpec) -> list[tuple[str, str]]:
    return [("metric", metric.meaning), ("metric is", ORIGINS[metric.origin]), ("metric, sha256", metric.digest)]
