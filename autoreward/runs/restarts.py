"""Several searches for the same task, told together: the mean over all of them, never the best.

A search is chance as well: its first programs, its seeds, what it happens to go on from. The value of a way of
searching is the mean, over restarts, of what the reward called best comes to on fresh seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autoreward.intervals import interval
from autoreward.ledger import Run
from autoreward.records import Fitness
from autoreward.runs.report import final_report
from autoreward.search.budget import count_spent
from autoreward.search.entry import HUMAN
from autoreward.search.events import REPLY
from autoreward.search.final_evaluation import SPARSE
from autoreward.views import RestartRow, RestartsSummary, RestartsView


def restarts_view(folders: Sequence[Path]) -> RestartsView:
    """What several runs of one task came to.

    Args:
        folders: of the runs, at least one.
    """
    rows = tuple(restart_row(folder) for folder in folders)
    with Run.open(folders[0], write=False) as run:
        task, design = run.task, run.settings.design
        episodes = design.final_seeds * design.evaluation_episodes
    return RestartsView(
        env=task.env,
        task=task.name or task.text,
        unit=task.metric.unit if task.metric else "1",
        rows=rows,
        summary=summarise(rows, episodes),
    )


def restart_row(folder: Path) -> RestartRow:
    """What one search came to on fresh seeds."""
    with Run.open(folder, write=False) as run:
        report, spent = final_report(run), count_spent(run)
        baselines = {name: one.fitness for name, one in report.baselines.items()} if report else {}
        return RestartRow(
            run=run.id,
            folder=str(run.path),
            seed=run.settings.design.seed,
            best=report.candidate if report else None,
            selection=report.selection if report else None,
            fitness=report.fresh if report else None,
            human=baselines.get(HUMAN),
            sparse=baselines.get(SPARSE),
            difference=report.difference if report else None,
            env_steps=spent.env_steps,
            replies=sum(1 for _ in run.events(REPLY)),
        )


def summarise(rows: Sequence[RestartRow], episodes: int) -> RestartsSummary:
    """The mean over restarts, with intervals over restarts.

    Args:
        rows: of one way of searching; those that ended without a reward are counted as failed.
        episodes: evaluation episodes that each is measured on.
    """
    measured = [row for row in rows if row.fitness is not None]
    verdicts = [row.difference.verdict for row in measured if row.difference is not None]
    return RestartsSummary(
        restarts=len(rows),
        failed=len(rows) - len(measured),
        fitness=_over([row.fitness for row in measured], episodes),
        selection=_over([row.selection for row in measured], episodes),
        human=_over([row.human for row in measured], episodes),
        difference=_over([row.difference.fitness for row in measured if row.difference is not None], episodes),
        above_human=sum(1 for row in measured if row.difference is not None and row.difference.fitness.mean > 0.0),
        better=verdicts.count("better"),
        undecided=verdicts.count("not distinguishable"),
        worse=verdicts.count("worse"),
        env_steps=sum(row.env_steps for row in rows),
        replies=sum(row.replies for row in rows),
    )


def _over(values: Sequence[Fitness | None], episodes: int) -> Fitness | None:
    means = [value.mean for value in values if value is not None]
    return interval(means, len(means) * episodes)
