"""What a run came to, for the pages where people already look: TensorBoard, Weights & Biases.

Everything is read from the run's ledger, so a run can be tracked at its end, or at any time afterwards. The libraries
(extra `track`) run in a process of their own, without a key in its environment unless a
person sets `WANDB_MODE=online`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from autoreward import process_environment
from autoreward.designer.program import read_program
from autoreward.errors import EnvironmentFailedError
from autoreward.ledger import Run
from autoreward.ledger.outputs import check_output_folder, output_errors
from autoreward.ledger.recordings import read_recordings
from autoreward.number_format import with_interval
from autoreward.recordings import MemberRecording
from autoreward.runs.report import run_report
from autoreward.search.clips import clip_file
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import read_leaderboard
from autoreward.views import TrackView

Target = Literal["tensorboard", "wandb"]
TARGETS: tuple[Target, ...] = ("tensorboard", "wandb")
DEADLINE = 600.0  # [s]
NOT_INSTALLED = "is not installed"
FOLDERS: Mapping[Target, str] = {"tensorboard": "tensorboard", "wandb": "wandb"}  # in the run, where none is named


def track_run(folder: Path, to: Target, directory: Path | None = None) -> TrackView:
    """Write the curves, hyper-parameters, clips and the final table of a run.

    Args:
        directory: where to; in the run's folder by default.

    Raises:
        EnvironmentFailedError: the library is not installed, or fails; the message quotes its last words.
        StorageError: it cannot be written.
    """
    with Run.open(folder, write=False) as run:
        told = tracked(run)
    place = (directory or folder / FOLDERS[to]).absolute()
    if directory is not None:
        check_output_folder(place)
    with output_errors(place):
        place.mkdir(parents=True, exist_ok=True)
    _hand_over(to, place, told)
    return TrackView(run=told["name"], to=to, folder=str(place), series=len(told["series"]), open_with=_how(to, place))


def _how(to: Target, place: Path) -> str:
    return f"tensorboard --logdir {place}" if to == "tensorboard" else f"wandb sync {place}/wandb/offline-run-*"


def tracked(run: Run) -> dict[str, Any]:
    """All that is told, as data: settings, series, numbers and weights of candidates, clips, the final table."""
    report, board = run_report(run, held=True), read_leaderboard(run)
    series = [one for entry in board.entries for one in _of_candidate(run, entry)]
    settings = run.settings.model_dump(mode="json", exclude={"runs": True, "llm": {"base_url"}})
    clips = {entry.id: run.path / clip_file(entry.id) for entry in board.entries}
    return {
        "name": run.id,
        "config": {"env": run.task.env, "task": run.task.name, "text": run.task.text, **settings},
        "series": [one for one in series if one["steps"]],
        "candidates": {entry.id: _hyperparameters(entry) for entry in board.entries if entry.members},
        "clips": {name: str(path.absolute()) for name, path in clips.items() if path.is_file()},
        "table": _table(report),
    }


def _of_candidate(run: Run, entry: Entry) -> list[dict[str, Any]]:
    """Curves of a candidate, mean over seeds, with what each term paid; and of each of its members."""
    curve = entry.analysis.curve if entry.analysis else ()
    steps = [point.env_steps for point in curve]
    mean = {name: [getattr(point, name) for point in curve] for name in ("success", "progress", "own_return", "length")}
    terms = entry.analysis.terms if entry.analysis else ()
    income = {
        f"income/{term.name}": list(term.over_training) for term in terms if len(term.over_training) == len(steps)
    }
    told = [_series(f"{entry.id}/mean", name, steps, values) for name, values in {**mean, **income}.items()]
    for one in read_recordings(run, entry.id, ["curves"], missing_ok=True):
        told += _of_member(entry, one)
    return told


def _of_member(entry: Entry, one: MemberRecording) -> list[dict[str, Any]]:
    curves, place = one.curves, f"{entry.id}/seed{one.seed}"
    if curves is None:
        return []
    known = {name: getattr(curves, name) for name in ("success", "progress", "own_return", "length")}
    weights = entry.verdict.reward.weights if entry.verdict and entry.verdict.reward else {}
    for column, term in enumerate(one.term_names):
        weight = curves.weights[:, column]  # of each rollout; in older runs the program's
        weight = np.where(np.isfinite(weight), weight, weights.get(term, 1.0))
        known[f"income/{term}"] = weight * curves.term_mean[:, column]
    return [
        _series(place, name, curves.env_steps.tolist(), np.asarray(values).tolist()) for name, values in known.items()
    ]


def _series(place: str, tag: str, steps: Sequence[float], values: Sequence[float | None]) -> dict[str, Any]:
    """One curve, without what is not known."""
    points = [
        (int(step), float(value))
        for step, value in zip(steps, values, strict=True)
        if value is not None and np.isfinite(value)
    ]
    return {"place": place, "tag": tag, "steps": [step for step, _ in points], "values": [value for _, value in points]}


def _hyperparameters(entry: Entry) -> dict[str, Any]:
    """What makes a candidate, and what it came to."""
    program = read_program(entry.candidate.source)
    numbers = {f"weight/{term.name}": term.weight for term in program.terms} if program else {}
    numbers |= {f"param/{name}": float(value) for name, value in program.params.items()} if program else {}
    facts = {"generation": entry.candidate.generation, "designer": entry.candidate.designer, "status": entry.status}
    result = {"success": entry.fitness.mean} if entry.fitness else {}
    return {"hyperparameters": {**facts, **numbers}, "results": result, "source": entry.candidate.source}


def _table(report: Any) -> dict[str, Any]:
    """The final table: the best beside the baselines on fresh seeds, then every candidate."""
    measured = {name: getattr(report.baselines, name) for name in ("human", "sparse", "random")}
    best = {f"best, {report.best.candidate}": report.best.fitness} if report.best else {}
    rows = [[name, with_interval(fit)] for name, fit in {**best, **measured}.items() if fit is not None]
    rows += [[one.id, with_interval(one.fitness) if one.fitness else one.status] for one in report.candidates]
    return {"columns": ["policy", "success, 95 % interval"], "rows": rows}


# --- The process -------------------------------------------------------------------------------------------


def track_command(to: Target, place: Path) -> list[str]:
    """How the process is started that writes a run into a folder."""
    return process_environment.child_command("-m", "autoreward.runs.track_worker", to, str(place))


def _hand_over(to: Target, place: Path, told: dict[str, Any]) -> None:
    process = subprocess.Popen(
        track_command(to, place),
        env=process_environment.tracking_environment() if to == "wandb" else process_environment.worker_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(json.dumps(told).encode(), timeout=DEADLINE)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise EnvironmentFailedError(f"{to} was not done within {DEADLINE:.0f} s.", "Try again.") from error
    if process.returncode != 0:
        lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
        words = lines[-1][:300] if lines else f"it ended with status {process.returncode}"
        cure = "pip install 'autoreward[track]'" if NOT_INSTALLED in words else "The run itself is whole; try again."
        raise EnvironmentFailedError(f"{to} failed: {words.rstrip('.')}.", cure)
