"""The end of a search as rows: the best reward, on fresh seeds and as selected, beside the baselines."""

from __future__ import annotations

from typing import Literal

from autoreward.records import FinalReport, Fitness, Record

BASELINES: tuple[Literal["human", "sparse", "random"], ...] = ("human", "sparse", "random")


class ReportRow(Record):
    """One policy of the final table. `fitness` None: it was not measured."""

    policy: Literal["best", "best_as_selected", "human", "sparse", "random"]
    meaning: str
    fitness: Fitness | None


MEANINGS = {
    "best": "the best reward, retrained on fresh seeds",
    "best_as_selected": "the same reward on the seeds it was selected with: biased upward, the best of many",
    "human": "the reward written by people, where the environment has one",
    "sparse": "the task's progress alone, paid as it grows",
    "random": "uniformly random actions",
}


def report_rows(report: FinalReport) -> tuple[ReportRow, ...]:
    """The final table: always the same five rows in the same order."""
    measured = {"best": report.fresh, "best_as_selected": report.selection}
    for name in BASELINES:
        measured[name] = report.baselines[name].fitness if name in report.baselines else None
    return tuple(
        ReportRow.model_validate({"policy": name, "meaning": MEANINGS[name], "fitness": fitness})
        for name, fitness in measured.items()
    )
