"""The best reward so far, kept in `best/` in a form that works without autoreward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autoreward.export import export_reward, learning_curve, learning_picture, provenance_of
from autoreward.ledger import Run
from autoreward.records import EnvSpec, FinalReport
from autoreward.search.session import Session
from autoreward.search.standing import Standing

PICTURE = "best/learning.png"
RANDOM_POLICY = "random"


def keep_best(session: Session, winner: Standing, report: FinalReport | None = None) -> None:
    """Write the best reward and its provenance; with a report, also the picture of its training."""
    write_reward(session.run, session.env, winner, report, session.run.path / "best")
    if report is not None:
        draw_learning(session, report)


def write_reward(run: Run, env: EnvSpec, standing: Standing, report: FinalReport | None, directory: Path) -> list[Path]:
    """Write the reward of a candidate that the critic accepted, and where it comes from.

    Raises:
        StorageError: the directory cannot be written.
    """
    assert standing.verdict is not None and standing.verdict.reward is not None
    settings, versions = run.settings, run.versions
    templates = str(versions.get("prompts", ""))
    provenance: dict[str, Any] = provenance_of(
        run.id, standing.candidate, run.task, settings, versions, templates, report
    )
    return export_reward(
        directory, standing.candidate.source, standing.verdict.reward, env, provenance, settings.ppo.gamma
    )


def draw_learning(session: Session, report: FinalReport) -> None:
    """A picture of success and own return over training: the winner on fresh seeds, beside human and sparse."""
    metric = session.task.metric
    names = [report.candidate, *(name for name in report.baselines if name != RANDOM_POLICY)]
    curves = [
        learning_curve(f"best ({name})" if name == report.candidate else name, name, _measured(session.run, name))
        for name in names
    ]
    random = report.baselines[RANDOM_POLICY].fitness
    learning_picture(
        session.run.path / PICTURE,
        [curve for curve in curves if curve is not None],
        title=f"{session.env.name}: {session.task.text}",
        unit=metric.unit if metric else "1",
        levels={RANDOM_POLICY: random.mean} if random else None,
    )


def measured_file(name: str) -> str:
    """Where the arrays of a final training are kept, by candidate or baseline."""
    return f"best/measured_{name}.npz"


def _measured(run: Run, name: str) -> dict[str, Any]:
    return run.read_arrays(measured_file(name))
